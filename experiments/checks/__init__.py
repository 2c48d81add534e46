"""Checks: slow tests of whole runs, for recovery from kills, repeatability and routes."""

__all__ = ["crash_recovery", "determinism", "route_check"]
