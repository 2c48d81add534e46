"""Checks: what this wing holds."""
