"""Handeye: embodied agents that see, read an instruction and act, in PyBullet."""

__version__ = "0.1.0"
