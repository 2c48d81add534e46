"""What all suites are made with: colours, and how phrasings and instructions are written."""

__all__ = ["colours", "phrases"]
