"""A WordNet database small enough to read: dishes, a verb and two sizes."""

from pathlib import Path

LICENCE = "  1 This is where the licence stands.\n"
DATA = {
    "noun": (
        "00000001 06 n 01 crockery 0 000 | ware of clay",
        '00000002 06 n 02 dish 0 serving_dish 0 001 ~ 00000003 n 0000 | crockery; "a dish of gold"',
        "00000003 06 n 01 platter 0 001 @ 00000002 n 0000 | a large shallow dish of any shape",
        "00000004 06 n 01 Pinax 0 000 | a flat thing on which a dish stands",
    ),
    "verb": ("00000001 35 v 01 platter 0 000 01 + 08 00 | put firmly on a large one",),
    "adj": (
        "00000001 00 a 02 large 0 big(p) 0 001 & 00000002 a 0000 | above average in size",
        "00000002 00 s 01 huge 0 001 & 00000001 a 0000 | unusually great",
    ),
}
INDEX = {
    "noun": (
        "crockery n 1 1 ~ 1 0 00000001",
        "dish n 1 2 @ ~ 1 1 00000002",
        "serving_dish n 1 2 @ ~ 1 0 00000002",
        "platter n 1 1 @ 1 1 00000003",
        "pinax n 1 0 1 0 00000004",
    ),
    "verb": ("platter v 1 0 1 0 00000001",),
    "adj": (
        "large a 1 1 & 1 0 00000001",
        "big a 1 1 & 1 0 00000001",
        "huge a 1 1 & 1 0 00000002",
    ),
}
USES = ("platter%1:06:00:: 1 8", "dish%1:06:00:: 1 4", "so%4:02:00:: 1 9")


def write_database(folder: Path) -> Path:
    """Write the files; returns their folder."""
    for name, lines in DATA.items():
        (folder / f"data.{name}").write_text(LICENCE + "\n".join(lines) + "\n")
    for name, lines in INDEX.items():
        (folder / f"index.{name}").write_text(LICENCE + "\n".join(lines) + "\n")
    (folder / "cntlist.rev").write_text("\n".join(USES) + "\n")
    return folder
