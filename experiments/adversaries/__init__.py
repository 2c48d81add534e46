"""Adversaries: policies that never read the instruction, to see what can be won without it."""

__all__ = ["adversary", "dumper", "registry", "sweeper", "tour", "usual_answer"]
