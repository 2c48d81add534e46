"""What instructions of the suite `rooms-long` mean, as intents to learn from."""

from collections.abc import Callable, Sequence

from handeye.envs.rooms.long.sampling import Sample

# Kind -> the intent from its places as nouns, what is counted, and its number.
Meaning = Callable[[Sequence[str], str, int], str]


def _go(places: Sequence[str]) -> str:
    return f"go to {_groups(places)}" if places else ""


def _groups(nouns: Sequence[str]) -> str:
    return ", ".join(f"[{noun}]" for noun in nouns)


def _back(first: str, places: Sequence[str] = ()) -> str:
    """What is found out first, then places on the way back to the start."""
    return "; ".join(part for part in (first, _go(places), "go back") if part)


def _branch(asked: str, places: Sequence[str]) -> str:
    """To the first half of the places if something is so, else to the others."""
    half = len(places) // 2
    return f"if {asked} {{ {_go(places[:half])} }} else {{ {_go(places[half:])} }}"


MEANINGS: dict[str, Meaning] = {
    "visit_in_order": lambda p, w, n: _go(p),
    "visit_reversed": lambda p, w, n: _go(p),
    "visit_any_order": lambda p, w, n: _back(_go(p)),
    "round_trip": lambda p, w, n: _back(_go(p)),
    "patrol": lambda p, w, n: _back("go to [all room]"),
    "shuttle": lambda p, w, n: f"repeat {n} times {{ {_go(p)} }}",
    "each_of": lambda p, w, n: f"go to [all {w} in {p[0]}]",
    "room_with": lambda p, w, n: f"go to [room of {p[0]}]; {_go(p[1:])}",
    "back_to_nth": lambda p, w, n: _go((*p, p[n - 1])),
    "retrace": lambda p, w, n: _go((*p, *p[-2::-1])),
    "ask_which": lambda p, w, n: "; ".join(x for x in (f"ask [{w}]; go to [it]", _go(p[1:])) if x),
    "where_is": lambda p, w, n: _back(f"tell where [{p[0]}]", p[1:]),
    "which_has": lambda p, w, n: _back(f"tell which of {_groups(p)} has [{w}]"),
    "whether": lambda p, w, n: _back(f"tell whether there is [{w} in {p[0]}]", p[1:]),
    "what_colour": lambda p, w, n: _back(f"tell colour [{p[0]}]", p[1:]),
    "how_many": lambda p, w, n: _back(f"tell count [{w} in {p[0]}]", p[1:]),
    "total": lambda p, w, n: _back(f"tell count {_groups([f'{w} in {room}' for room in p])}"),
    "most": lambda p, w, n: f"tell most [{w}] of {_groups(p)}",
    "as_many": lambda p, w, n: _back(
        f"tell whether as many [{w} in {p[0]}] as [{w} in {p[1]}]", p[2:]
    ),
    "how_many_more": lambda p, w, n: _back(f"tell excess [{w} in {p[0]}] over [{w} in {p[1]}]"),
    "how_many_in_all": lambda p, w, n: _back(f"tell count [{w}]"),
    "how_many_rooms": lambda p, w, n: _back("tell count [room]"),
    "stay_or_go": lambda p, w, n: _branch(f"there is [{w} in {p[0]}]", p),
    "if_there": lambda p, w, n: _branch(f"there is [{w} in {p[0]}]", p[1:]),
    "if_more_than": lambda p, w, n: _branch(f"more than {n} [{w} in {p[0]}]", p[1:]),
    "where_most": lambda p, w, n: f"go to most [{w}] of {_groups(p)}",
    "search_through": lambda p, w, n: f"go to first of {_groups(p)} with [{w}]",
}


def rooms_intent(sample: Sample) -> str:
    """What an instruction of `rooms-long` means."""
    called = sample.said.called
    places = [called[place].replace(" the ", " ") for place in sample.goal.places]
    return MEANINGS[sample.goal.kind](places, sample.goal.what, sample.goal.number)
