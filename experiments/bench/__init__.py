"""Bench: speed of this machine as ratios, for `handeye bench`."""

__all__ = ["bench"]
