"""Policies: what this wing holds."""
