"""Look a name up in a registry; an unknown one is answered with the nearest names."""

import difflib
from collections.abc import Iterable, Mapping
from typing import TypeVar

Value = TypeVar("Value")


class UnknownName(ValueError):
    """A name that is in no registry. The message says which names are near, or which exist."""


def look_up(kind: str, name: str, registry: Mapping[str, Value]) -> Value:
    """`registry[name]`, or `UnknownName` with suggestions.

    Args:
        kind: what the registry holds, for the message ("suite", "task", "preset").
        name: what the user wrote; case and the choice of `_`, `-` or a blank are forgiven only in
            the suggestion, so that one thing keeps one name.
        registry: name -> value.
    """
    if name in registry:
        return registry[name]
    raise UnknownName(unknown_name_message(kind, name, registry))


def unknown_name_message(kind: str, name: str, known: Iterable[str]) -> str:
    """What to tell who asked for `name`: the nearest of the known names first."""
    names = sorted(known)
    folded = {_fold(known_name): known_name for known_name in names}
    alike = difflib.get_close_matches(_fold(name), folded, 3, 0.55)
    holding = sorted((part for part in folded if _fold(name) in part.split("-")), key=len)
    slip = difflib.get_close_matches(_fold(name), folded, 1, 0.8)  # a letter or two are wrong
    near = [folded[match] for match in (slip and alike) or holding[:3] or alike]
    if near:
        return f"unknown {kind} {name!r}. Did you mean {' or '.join(map(repr, near))}?"
    return f"unknown {kind} {name!r}. There are: {', '.join(names) or 'none'}."


def _fold(name: str) -> str:
    return name.casefold().replace("_", "-").replace(" ", "-")
