"""Eyes: what this wing holds."""
