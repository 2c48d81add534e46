"""Bench: what this wing holds."""
