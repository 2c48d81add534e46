"""Instructions and what varying does to them and to their truth."""

import numpy as np

from handeye.envs.base.colours import COLOURS
from handeye.envs.rooms.scene.language import ROOM_WORDS
from handeye.experiments.data.program_examples import (
    CONTENT_WORDS,
    NAMED_THINGS,
    Variation,
    frame_words,
    renamed,
    varied,
    words_of,
)
from handeye.experiments.labels.program_labels import Mention, ProgramExample
from handeye.perception.encoders.text import UNKNOWN
from handeye.perception.instructions.navigation_program import ProgramStep, SpokenProgram

BETWEEN = ProgramExample(
    "relational",
    SpokenProgram(
        (
            "stop",
            "between",
            "the",
            "red",
            "potted",
            "plant",
            "and",
            "the",
            "sofa",
            "in",
            "the",
            "living",
            "room",
        ),
        (ProgramStep("between", "plant", "red"), ProgramStep("and", "sofa", room="living room")),
    ),
    (
        Mention(0, "kind", 4, 2),
        Mention(0, "colour", 3),
        Mention(1, "kind", 8),
        Mention(1, "room", 11, 2),
    ),
)
SIGN = ProgramExample(
    "follow_sign",
    SpokenProgram(("go", "to", "ada", "s", "door"), (ProgramStep("sign"),), sign_at=2),
)
FRAME = ("go", "stop", "take")


def test_names_change_in_the_words_and_in_the_program() -> None:
    rng = np.random.default_rng(0)
    seen = set()
    for _ in range(300):
        spoken = renamed(BETWEEN, rng)
        first, second = spoken.steps
        seen.add((first.kind, first.colour))
        assert spoken.words[:3] == ("stop", "between", "the")
        assert spoken.words[3] == first.colour
        assert (first.op, second.op, second.colour) == ("between", "and", "")
        assert " ".join(spoken.words).endswith(tuple(ROOM_WORDS.get(second.room, (second.room,))))
    assert len(seen) > len(NAMED_THINGS)
    assert {colour for _, colour in seen} == set(COLOURS)


def test_noise_leaves_what_decides_and_moves_the_truth_along() -> None:
    rng = np.random.default_rng(0)
    noisy = Variation(rename=0.0, unknown_name=0.0, plain=0.0, most_noise=0.9)
    changed = 0
    for _ in range(200):
        spoken = varied(BETWEEN, FRAME, rng, noisy)
        changed += spoken.words != BETWEEN.spoken.words
        kept = [word for word in spoken.words if word in CONTENT_WORDS]
        assert kept == [word for word in BETWEEN.spoken.words if word in CONTENT_WORDS]
        assert spoken.words.index("plant") < spoken.words.index("sofa")
        assert spoken.steps == BETWEEN.spoken.steps
        sign = varied(SIGN, FRAME, rng, noisy)
        assert sign.words[sign.sign_at] == "ada"
    assert changed > 150


def test_without_variation_nothing_changes_and_names_can_be_hidden() -> None:
    rng = np.random.default_rng(0)
    still = Variation(rename=0.0, unknown_name=0.0, plain=1.0)
    assert varied(BETWEEN, FRAME, rng, still) == BETWEEN.spoken
    hidden = varied(SIGN, FRAME, rng, Variation(unknown_name=1.0, plain=1.0))
    assert hidden.words == ("go", "to", UNKNOWN, "s", "door")


def test_words_are_those_of_examples_and_of_every_name() -> None:
    examples = (BETWEEN, SIGN)
    words = words_of(examples)
    assert words == sorted(set(words))
    assert {"stop", "door", "ada", "couch", "purple", "lounge", "second"} <= set(words)
    frame = frame_words(examples)
    assert {"stop", "go", "to"} <= set(frame)
    assert not CONTENT_WORDS & set(frame)
    assert "ada" not in frame
