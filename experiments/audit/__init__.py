"""Whether a benchmark, a policy's score or a training set can be believed, and why."""

__all__ = ["certificate", "command", "finding"]
