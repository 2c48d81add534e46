"""Training: what this wing holds."""
