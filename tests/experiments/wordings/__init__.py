"""Traces: what this wing holds."""
