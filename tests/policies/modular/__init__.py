"""Modular: what this wing holds."""
