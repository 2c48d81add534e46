"""JSON of any shape ends in one error that names the file and the field."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, NotRequired, TypedDict

import pytest

from handeye.base.json_reader import JsonError, check_format, parse_json, read_json


class Pair(NamedTuple):
    """Two numbers."""

    a: int
    b: int


class Extra(TypedDict):
    """A part of a file."""

    rows: list[float]
    note: NotRequired[str]


@dataclass(frozen=True)
class Whole:
    """A file."""

    name: str
    size_m: float
    kind: Literal["x", "y"]
    extra: Extra
    pair: Pair | None = None
    span: tuple[float, float] | None = None
    words: tuple[str, ...] = ()
    counts: dict[str, int] | None = None


GOOD = """{"name": "a", "size_m": 1, "kind": "x", "extra": {"rows": [1, 2.5]}, "pair": [1, 2],
           "span": [0, 1], "words": ["a"], "counts": {"a": 1}}"""


def test_what_fits_is_returned(tmp_path: Path) -> None:
    (tmp_path / "f.json").write_text(GOOD)
    assert read_json(tmp_path / "f.json", Whole)["extra"] == {"rows": [1, 2.5]}  # type: ignore[index]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[1, 2.5]", "null", "f: field extra.rows must be a list of numbers, is null"),
        ("2.5]", '"b"]', 'field extra.rows[1] must be a number, is "b"'),
        ('{"rows": [1, 2.5]}', "[]", "field extra must be an object, is a list of 0"),
        ('"name": "a", ', "", "field name is missing"),
        ('"name": "a"', '"name": true', "field name must be text, is true"),
        ('"size_m": 1', '"size_m": true', "field size_m must be a number, is true"),
        ('"x"', '"z"', "field kind must be one of 'x', 'y', is \"z\""),
        ("[0, 1]", "[0]", "field span must be a list of 2, is a list of 1"),
        ("[0, 1]", "7", "field span must be a list of 2 or null, is 7"),
        ("[1, 2]", "[1, 2.5]", "field pair[1] must be a whole number, is 2.5"),
        ('["a"]', "{}", "field words must be a list of texts, is an object"),
        ('{"a": 1}', '{"a": "b"}', "field counts.a must be a whole number"),
        ('"name"', '"more": 1, "name"', "field more is unknown"),
    ],
)
def test_another_shape_names_the_field(old: str, new: str, message: str) -> None:
    assert GOOD.count(old) == 1
    with pytest.raises(JsonError) as caught:
        parse_json(GOOD.replace(old, new), Whole, "f")
    assert message in str(caught.value)


@pytest.mark.parametrize("shape", [Whole, Extra, dict[str, Any], list[Any]])
@pytest.mark.parametrize(
    "text",
    [
        "", "nul", "null", "7", '"text"', "{", "NaN", "[Infinity]",
        "[" * 100_000 + "]" * 100_000, '{"a":' * 1000 + "1" + "}" * 1000,
        "[" + "9" * 400 + "]", "[" + "9" * 5000 + "]", "[-9223372036854775809]",
        '["' + "x" * 1_000_001 + '"]', r'["\ud800"]', r'{"\udfff": 1}',
    ],
)  # fmt: skip
def test_nothing_else_gets_through(text: str, shape: type[Any]) -> None:
    with pytest.raises(JsonError, match=r"^the file (is|must|holds)"):
        parse_json(text, shape, "the file")


def test_bytes_that_are_no_text() -> None:
    with pytest.raises(JsonError, match="not valid JSON"):
        parse_json(b"\xff\xfe{}", dict[str, Any], "f")


def test_another_format_is_named_beside_the_wanted_one() -> None:
    check_format({"format": "a-1"}, "a-1", Path("f"), "Do this.")
    with pytest.raises(JsonError, match=r"f is a file of the format 'a-0', and 'a-1' .* Do this"):
        check_format({"format": "a-0"}, "a-1", Path("f"), "Do this.")
    for data in ({}, {"format": 3}):
        with pytest.raises(JsonError, match="of no known format"):
            check_format(data, "a-1", Path("f"), "Do this.")
