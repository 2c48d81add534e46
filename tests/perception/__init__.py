"""Perception: what this wing holds."""
