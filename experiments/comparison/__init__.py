"""Policies and agents compared on the same episodes: what differs, how sure that is, and where."""

__all__ = ["compare", "config", "contrast", "page", "read_side", "run_missing", "side"]
