"""Mapping: what this wing holds."""
