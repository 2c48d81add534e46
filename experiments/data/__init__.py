"""Data: what this wing holds."""
