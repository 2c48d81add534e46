"""Interpreters of the programs that language models write; neither is Python's `exec`.

`code_sandbox` is ours, `monty_sandbox` runs pydantic-monty; `program_limits` bounds both.
"""

__all__ = ["code_sandbox", "monty_sandbox", "program_limits"]
