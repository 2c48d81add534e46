"""Action tokens: `action_tokenizer` turns actions into ids and back, `decoding` picks ids."""

__all__ = ["action_tokenizer", "decoding"]
