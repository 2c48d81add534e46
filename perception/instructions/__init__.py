"""Instructions: `program_reader` reads a sentence into a `navigation_program`."""

__all__ = ["navigation_program", "program_reader"]
