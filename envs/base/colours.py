"""The colours that things may have, shared by the table and by apartments."""

# sRGB in 0..1. Orange lies between red and yellow on purpose: telling them apart is the job.
COLOURS: dict[str, tuple[float, float, float]] = {
    "red": (0.82, 0.10, 0.10),
    "orange": (0.95, 0.48, 0.05),
    "yellow": (0.95, 0.85, 0.12),
    "green": (0.13, 0.60, 0.20),
    "cyan": (0.15, 0.78, 0.82),
    "blue": (0.12, 0.25, 0.80),
    "purple": (0.48, 0.16, 0.62),
    "pink": (0.95, 0.50, 0.70),
}
# The colours that shipped suites sample, in the order in which they count. Frozen: a colour that is
# added to `COLOURS` may be used in scenes and tasks of one's own, and changes no shipped episode.
SUITE_COLOURS: tuple[str, ...] = (
    *("red", "orange", "yellow", "green"),
    *("cyan", "blue", "purple", "pink"),
)


def add_colour(name: str, srgb: tuple[float, float, float]) -> None:
    """Add a colour for scenes and tasks of one's own.

    Args:
        name: one lower-case word, as instructions will say it.
        srgb: red, green and blue, 0 to 1.

    Raises:
        ValueError: the name is taken or no lower-case word, or a value is not in 0..1.
    """
    if name in COLOURS or not (name.isalpha() and name.islower()):
        raise ValueError(f"a new colour needs a lower-case word of its own, got {name!r}")
    if len(srgb) != 3 or not all(0.0 <= value <= 1.0 for value in srgb):
        raise ValueError(f"a colour is three values from 0 to 1, got {srgb}")
    COLOURS[name] = srgb
