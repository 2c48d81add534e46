"""Agents: what this wing holds."""
