"""Rl: what this wing holds."""
