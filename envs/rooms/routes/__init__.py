"""Routes in words: the map of turns and doors, sampled routes, their wording and execution."""

__all__ = ["executor", "language", "route_map", "routes"]
