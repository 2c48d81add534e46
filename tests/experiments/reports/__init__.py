"""Reports: what this wing holds."""
