"""Planners: what this wing holds."""
