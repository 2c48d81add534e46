"""Commands, training loops, evaluation and reports: what a user runs."""
