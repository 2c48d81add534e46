"""Ways to say what the suites ask for, beyond their own: patterns in JSON, and what fills them."""

__all__ = ["paraphrases"]
