"""Envs: what this wing holds."""
