"""Sentences of tool results that are read back from a conversation: written and read here alone.

A language model has its conversation and nothing else, so the grammar of `handeye-planner`, which
was trained on these very words, reads from them whether the hand is full. Programs of ours read
`ToolResult.data` instead.
"""

IN_HAND = "it is in the hand"
LET_GO = "it was let go there"
LET_GO_BESIDE = "it was let go beside the place; the way was blocked"
LOST = "it was lost on the way; look where it lies"
NOTHING_TO_PLACE = "the hand holds nothing to place"
HAND_EMPTY = "the hand is empty; pick something first"
HAND_FULL = "the hand holds something; place that first"
ALREADY_FULL = "the hand already holds something; place that first"
TELLS_EMPTY = (
    "the hand is empty", "the hand holds nothing", "lost on the way", "it was let go",
)  # fmt: skip
TELLS_FULL = ("the hand holds", "already holds")


def hand_holds(name: str) -> str:
    """Say what the hand holds; "" stands for nothing."""
    return f"the hand holds {name or 'nothing'}"


def holds_after(text: str) -> bool | None:
    """Return whether the hand is full after a result with this text, None if it does not say."""
    told = text.lower()
    if any(words in told for words in TELLS_EMPTY):
        return False
    return True if any(words in told for words in TELLS_FULL) else None
