"""An episode seen: its film, what the policy saw at its decisions, and its map."""

from dataclasses import dataclass

from handeye.experiments.records.episode import EpisodeRecord

MOST_DECISIONS = 24  # Shown of one film; an episode of navigation has hundreds.


@dataclass(frozen=True)
class PolicyDecision:
    """One step of a film: what the policy saw, with its grounding drawn in.

    Attributes:
        number: which decision of the episode, counted from 1.
        jpeg: the picture.
        words: the action in words.
        tokens: the decoded action tokens, "" for policies without.
    """

    number: int
    jpeg: bytes
    words: str
    tokens: str = ""


@dataclass(frozen=True)
class Film:
    """One episode run again with the camera on: its record, an MP4 and some of its decisions.

    `map_svg` is the episode from above, of navigation alone.
    """

    record: EpisodeRecord
    mp4: bytes
    decisions: tuple[PolicyDecision, ...]
    map_svg: str | None = None


@dataclass(frozen=True)
class EpisodeMap:
    """One episode of navigation from above: its record and an SVG picture."""

    record: EpisodeRecord
    svg: str
