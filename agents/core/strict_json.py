"""Read JSON that a model or a server wrote: bounded, strict, and never a surprise later."""

import json
from typing import Any

MAX_DEPTH = 40


def parse_json(text: str | bytes) -> Any:
    """The value of a JSON text.

    Stricter than `json.loads`: NaN and Infinity are refused, nesting is bounded, and lone
    surrogates, which no file or request can carry, become "?".

    Raises:
        ValueError: it is not such JSON.
    """
    try:
        value = json.loads(text, parse_constant=_refuse)
    except RecursionError:
        raise ValueError(f"nested deeper than {MAX_DEPTH}") from None
    return _clean(value, MAX_DEPTH)


def clean_text(text: str) -> str:
    """The text with lone surrogates replaced by "?"."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _clean(value: Any, depth: int) -> Any:
    if depth == 0:
        raise ValueError(f"nested deeper than {MAX_DEPTH}")
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [_clean(item, depth - 1) for item in value]
    if isinstance(value, dict):
        return {clean_text(key): _clean(item, depth - 1) for key, item in value.items()}
    return value
