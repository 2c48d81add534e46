"""Experiments: what this wing holds."""
