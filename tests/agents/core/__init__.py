"""Core: what this wing holds."""
