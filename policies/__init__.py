"""Policies: observation and instruction to action, and the loop that runs them."""
