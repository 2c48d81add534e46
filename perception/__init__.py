"""Perception: frames and words to tokens, objects, maps and programs.

budgets       many tokens to few
connectors    a frame's tokens to those that a language model or a trunk reads
encoders      networks that turn frames and words into tokens that know where they look
eyes          `handeye-eyes`: objects of a frame, their names and relations, answers to questions
families      published ways to bring frames and words together, behind one contract
fusions       how tokens of two senses come to know one another
instructions  sentences to programs of navigation
losses        sums and counts: contrast, matching, masking, next token, boxes as words
mapping       depth and odometry to floor maps, rooms and doorways
signs         signs in frames: where they hang and what they say
towers        frames, videos, words and sound to tokens, ours or from pretrained folders
"""

__all__ = [
    "connectors",
    "encoders",
    "eyes",
    "families",
    "fusions",
    "instructions",
    "losses",
    "mapping",
    "signs",
    "towers",
]
