"""Labels: what this wing holds."""
