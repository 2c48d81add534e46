"""Where the seeds of evaluation begin."""

FIRST_EVALUATION_SEED = 1_000_000  # those below make training data
