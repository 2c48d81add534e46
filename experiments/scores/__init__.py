"""What a family can say about frames, measured: answers, places, captions, retrieval.

`command` is `handeye score`; each other module is one measure, `answerer` a trained family that is
asked. Beside each stands what never looks reaches.
"""

__all__ = ["answerer", "boxes", "captions", "command", "config", "retrieval", "vqa"]
