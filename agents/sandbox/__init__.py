"""Sandbox: what this wing holds."""
