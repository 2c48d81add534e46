"""Base: what this wing holds."""
