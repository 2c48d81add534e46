import sys
import unicodedata

import pytest

from handeye.base.printable import printable


@pytest.mark.slow
def test_no_character_that_steers_a_terminal_is_left() -> None:
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    left = {unicodedata.category(c) for c in printable(every)}
    assert not left & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert "\x1b" not in printable(every, lines=True)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("put the cup in the bowl", "put the cup in the bowl"),
        ("Größe × 2 – ✓ 日本", "Größe × 2 – ✓ 日本"),
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("one\r\ntwo", "one\\r\\ntwo"),
        ("\x9b31m", "\\x9b31m"),
        ("a\u202eb\u200bc", "a\\u202eb\\u200bc"),
        ("\ud800", "\\ud800"),
    ],
)
def test_what_is_hidden_is_written_out(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_lines_may_be_kept() -> None:
    assert printable("a\n\tb\r\x1b", lines=True) == "a\n\tb\\r\\x1b"
