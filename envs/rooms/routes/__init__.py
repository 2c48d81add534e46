"""Routes: what this wing holds."""
