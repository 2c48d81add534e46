"""Signs: what this wing holds."""
