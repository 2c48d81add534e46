"""Whether an answer in words says what is true: a number, yes or no, a room, or a colour."""

import re

from handeye.envs.base.colours import COLOURS
from handeye.envs.rooms.apartments.floor import ROOM_KINDS
from handeye.envs.rooms.long.goals import CANNOT
from handeye.envs.rooms.scene.language import ROOM_WORDS

NUMBER_WORDS = (
    *("zero", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
NUMBERS = {
    **{word: str(number) for number, word in enumerate(NUMBER_WORDS)},
    **{str(number): str(number) for number in range(1000)},
    "none": "0",
    "no": "0",
}
ROOMS = {word: kind for kind in ROOM_KINDS for word in (kind, *ROOM_WORDS.get(kind, ()))}
ALTERNATIVES: tuple[dict[str, str], ...] = (
    {"yes": "yes", "no": "no"},
    ROOMS,
    {colour: colour for colour in COLOURS},
    {CANNOT: CANNOT},
    NUMBERS,
)


def says(answer: str, expected: str) -> bool:
    """Return whether an answer means what is expected: it names it, and nothing else of its sort.

    Args:
        answer: in words, such as "there are three boxes" or "the lounge".
        expected: digits, yes, no, a kind of room, a colour or `CANNOT`.

    Raises:
        ValueError: it is none of these that is expected.
    """
    sort = next((words for words in ALTERNATIVES if expected in words.values()), None)
    if sort is None:
        raise ValueError(f"{expected!r} is no answer; expect a number, yes, no, a room or a colour")
    spelled = sorted(sort, key=len, reverse=True)  # "storage room" before "room"
    pattern = r"(?<![\w-])(" + "|".join(map(re.escape, spelled)) + r")(?![\w-])"
    return {sort[word] for word in re.findall(pattern, answer.lower())} == {expected}
