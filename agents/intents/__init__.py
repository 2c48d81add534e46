"""What an instruction means, as a program in a small language, and what carries it out.

A language model says what is meant; code looks, acts, checks, tries again and asks back.
"""

__all__ = ["intent", "rooms_script", "table_script"]
