"""Vector: what this wing holds."""
