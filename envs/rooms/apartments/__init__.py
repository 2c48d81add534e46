"""Apartments as plain data, and how they are sampled: floor plans, furniture, pieces on walls."""

__all__ = ["apartment", "contents", "floor", "furnishing", "splits", "wall_pieces"]
