"""Lexicon: makes the table that policies look unknown words up in, from the WordNet database."""

__all__ = ["near_words", "senses", "wordnet"]
