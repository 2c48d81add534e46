"""Families: published ways to bring frames and words together, behind one contract."""

__all__ = ["family", "registry", "vocabulary"]
