"""Families that act: a family's prefix, pointers at what the words name, eight action slots."""

__all__ = ["config", "model", "processor", "runner"]
