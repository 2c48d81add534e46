"""Scene: what this wing holds."""
