"""Records: what this wing holds."""
