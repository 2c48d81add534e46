"""Apartments: what this wing holds."""
