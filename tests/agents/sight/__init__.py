"""Sight: what this wing holds."""
