"""Read JSON from a disk: bounded, strict, and of the shape that the caller expects.

A file may be damaged, of another version, or somebody else's. Whatever is wrong with it becomes one
`JsonError` that names the file and the field; nothing half-read is returned.
"""

import json
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

Shape = TypeVar("Shape")
MOST_BYTES = 256_000_000  # of a file
MOST_DEPTH = 64
MOST_TEXT = 1_000_000  # characters of one string
LARGEST_INTEGER = 2**63 - 1
NOUNS = {
    str: ("text", "texts"),
    int: ("a whole number", "whole numbers"),
    float: ("a number", "numbers"),
    bool: ("true or false", "truth values"),
    dict: ("an object", "objects"),
    list: ("a list", "lists"),
    type(None): ("null", "nulls"),
}


class JsonError(ValueError):
    """The text is no JSON, beyond the bounds, or of another shape."""


def read_json(path: Path, shape: type[Shape]) -> Shape:
    """Return what a file holds.

    Args:
        path: of the file.
        shape: a type that tells the form, see `check_shape`.

    Raises:
        OSError: it cannot be read.
        JsonError: it is no JSON of this shape; the message names the file and the field.
    """
    if path.stat().st_size > MOST_BYTES:
        raise JsonError(f"{path} is larger than {MOST_BYTES // 1_000_000} MB")
    try:
        return parse_json(path.read_bytes(), shape, str(path))
    except JsonError as error:
        raise JsonError(f"{error}. Restore or remove the file.") from error


def parse_json(text: str | bytes, shape: type[Shape], where: str) -> Shape:
    """Return the value of a JSON text; `where` says in messages what the text is.

    Raises:
        JsonError: it is no JSON of this shape.
    """
    try:
        value = json.loads(text, parse_constant=_no_constant, parse_int=_integer)
    except RecursionError:
        raise JsonError(f"{where} is nested deeper than {MOST_DEPTH}") from None
    except ValueError as error:  # UnicodeDecodeError and JSONDecodeError among them
        raise JsonError(f"{where} is not valid JSON ({error})") from error
    _check_bounds(value, where)
    check_shape(value, shape, where)
    checked: Shape = value
    return checked


def check_shape(value: object, shape: Any, where: str, field: str = "") -> None:
    """Compare a value out of JSON with a type.

    Args:
        value: of dicts, lists and scalars.
        shape: `Any`, a scalar type (`float` takes whole numbers too), `list[T]`, `tuple[T, ...]`,
            `tuple[A, B]`, `dict[str, T]`, `A | B`, a `Literal`, a `TypedDict`, a named tuple (as a
            list), or a dataclass (as an object with its fields; those with defaults may be absent).
        where: the file, for messages.
        field: where in it the value stands, such as "a.b[2]".

    Raises:
        JsonError: naming the file and the field.
    """
    if shape in (Any, object):
        return
    if len(_members(shape)) > 1:
        _check_one_of(value, shape, where, field)
    elif get_origin(shape) is Literal:
        if value not in get_args(shape):
            raise _wrong(value, shape, where, field)
    elif isinstance(shape, type) and (is_dataclass(shape) or typing.is_typeddict(shape)):
        _check_fields(value, shape, where, field)
    else:
        _check_container(value, shape, where, field)


def check_format(data: Mapping[str, Any], wanted: str, path: Path, remedy: str) -> None:
    """Compare what a file says it is with what is wanted; the error names both, and the remedy.

    Raises:
        JsonError: they differ.
    """
    said = data.get("format")
    if said != wanted:
        told = f"a file of the format {said!r}" if isinstance(said, str) else "of no known format"
        raise JsonError(f"{path} is {told}, and {wanted!r} is wanted. {remedy}")


def _members(shape: Any) -> tuple[Any, ...]:
    return get_args(shape) if get_origin(shape) in (Union, types.UnionType) else (shape,)


def _check_one_of(value: object, shape: Any, where: str, field: str) -> None:
    wrong: JsonError | None = None
    for member in _members(shape):
        try:
            return check_shape(value, member, where, field)
        except JsonError as error:
            if _fits_outside(value, member):
                wrong = error  # the member that is meant: its own complaint says more
    raise wrong or _wrong(value, shape, where, field)


def _fits_outside(value: object, shape: Any) -> bool:
    origin = get_origin(shape) or shape
    if isinstance(value, dict):
        return is_dataclass(origin) or typing.is_typeddict(origin) or origin is dict
    return isinstance(value, list) and isinstance(origin, type) and issubclass(origin, list | tuple)


@cache
def _hints(shape: Any) -> dict[str, Any]:
    return get_type_hints(shape)


def _check_fields(value: object, shape: Any, where: str, field: str) -> None:
    """Compare an object with a dataclass or a `TypedDict`."""
    if not isinstance(value, dict):
        raise _wrong(value, dict, where, field)
    hints = _hints(shape)
    needed = getattr(shape, "__required_keys__", None)
    if needed is None:
        needed = {
            one.name
            for one in fields(shape)
            if one.default is MISSING and one.default_factory is MISSING
        }
    for name in sorted(needed - value.keys()):
        raise JsonError(f"{where}: field {_below(field, name)} is missing")
    for name in value.keys() - hints.keys() if is_dataclass(shape) else ():
        raise JsonError(f"{where}: field {_below(field, name)} is unknown")
    for name in value.keys() & hints.keys():
        check_shape(value[name], hints[name], where, _below(field, name))


def _check_container(value: object, shape: Any, where: str, field: str) -> None:
    """Compare with a scalar type, a list, a tuple or a dict."""
    origin, arguments = get_origin(shape) or shape, get_args(shape)
    named = isinstance(origin, type) and issubclass(origin, tuple) and hasattr(origin, "_fields")
    if named:
        arguments = tuple(_hints(origin).values())
    if not _is_a(value, origin):
        raise _wrong(value, shape, where, field)
    if isinstance(value, dict) and arguments:
        for name, inner in value.items():
            check_shape(inner, arguments[1], where, _below(field, name))
    elif isinstance(value, list) and arguments:
        same = not named and (origin is not tuple or arguments[-1] is Ellipsis)
        if not same and len(value) != len(arguments):
            raise _wrong(value, shape, where, field)
        kinds = [arguments[0]] * len(value) if same else arguments
        for number, (inner, kind) in enumerate(zip(value, kinds, strict=True)):
            check_shape(inner, kind, where, f"{field}[{number}]")


def _is_a(value: object, origin: Any) -> bool:
    if origin in (None, type(None)):
        return value is None
    if isinstance(value, bool):
        return origin is bool
    if origin is float:
        return isinstance(value, int | float)
    if isinstance(value, list):
        return origin is Sequence or (isinstance(origin, type) and issubclass(origin, list | tuple))
    if isinstance(value, dict):
        return origin in (dict, Mapping)
    return isinstance(origin, type) and isinstance(value, origin)


def _wrong(value: object, shape: Any, where: str, field: str) -> JsonError:
    place = f"{where}: field {field}" if field else where
    return JsonError(f"{place} must be {_noun(shape)}, is {_shown(value)}")


def _noun(shape: Any, *, many: bool = False) -> str:
    """Return a type in words: "a list of numbers"."""
    members = _members(shape)
    if len(members) > 1:
        return " or ".join(_noun(member, many=many) for member in members)
    if get_origin(shape) is Literal:
        return "one of " + ", ".join(map(repr, get_args(shape)))
    origin, arguments = get_origin(shape) or shape, get_args(shape)
    if origin is None:
        origin = type(None)
    if is_dataclass(origin) or typing.is_typeddict(origin) or origin is Mapping:
        origin = dict
    if isinstance(origin, type) and issubclass(origin, tuple):
        count = len(arguments) or len(getattr(origin, "_fields", ()))
        if (arguments and arguments[-1] is not Ellipsis) or not arguments:
            return f"{'lists' if many else 'a list'} of {count}"
        origin = list
    noun = NOUNS.get(origin, (str(origin), str(origin)))[many]
    inner = arguments[0] if origin is list and arguments else None
    return noun if inner in (None, Any) else f"{noun} of {_noun(inner, many=True)}"


def _shown(value: object) -> str:
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return "an object"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:40]}…"


def _below(field: str, name: str) -> str:
    short = name if len(name) <= 40 else f"{name[:40]}…"
    return f"{field}.{short}" if field else short


def _check_bounds(value: object, where: str) -> None:
    """Refuse what is nested too deeply, and text that is too long, without recursion."""
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MOST_DEPTH:
            raise JsonError(f"{where} is nested deeper than {MOST_DEPTH}")
        for one in level:
            if isinstance(one, str):
                _check_text(one, where)
        level = [inner for one in level for inner in _inside(one)]


def _check_text(text: str, where: str) -> None:
    if len(text) > MOST_TEXT:
        raise JsonError(f"{where} holds a text of {len(text)} characters")
    try:
        if not text.isascii():
            text.encode()
    except UnicodeEncodeError:
        raise JsonError(f"{where} holds half a character, which is no text") from None


def _inside(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        yield from value
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _integer(digits: str) -> int:
    if len(digits) > 20 or abs(int(digits)) > LARGEST_INTEGER:
        raise ValueError(f"a whole number of {len(digits)} digits")
    return int(digits)


def _no_constant(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")
