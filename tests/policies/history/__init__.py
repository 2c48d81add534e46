"""History: what this wing holds."""
