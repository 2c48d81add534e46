"""Token policy: what this wing holds."""
