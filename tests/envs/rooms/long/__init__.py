"""Long: what this wing holds."""
