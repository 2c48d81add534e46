import numpy as np
import pytest

from handeye.envs.base.colours import COLOURS
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.pictures.rendering import HomeRenderer
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.world.pictures import render_states
from handeye.experiments.labels.scene_facts import (
    RELATIONS,
    ROOM_KINDS,
    TABLE_KINDS,
    Facts,
    VisibleObject,
    room_facts,
    table_facts,
)
from handeye.experiments.labels.scene_nouns import (
    Noun,
    Wordlist,
    draw_absent,
    fitting,
    read_noun,
    said,
)
from handeye.experiments.labels.scene_questions import (
    ANSWERS,
    NOTHING,
    PHRASINGS,
    answer,
    draw_question,
    read_question,
)

WORDS = Wordlist(TABLE_KINDS, tuple(COLOURS), RELATIONS, frozenset({("cup", "red")}))


def paper_facts() -> Facts:
    """A red block in a blue bowl, left of a green drawer with its handle, and a small red star."""
    things = (
        VisibleObject("block", "red", "large"), VisibleObject("bowl", "blue"),
        VisibleObject("drawer", "green", "", "open"),
        VisibleObject("handle", "green"), VisibleObject("star", "red", "small", "held"),
    )  # fmt: skip
    related = np.zeros((len(RELATIONS), 5, 5), np.bool_)
    related[RELATIONS.index("in"), 0, 1] = True
    related[RELATIONS.index("left"), [0, 1], 2] = True
    related[RELATIONS.index("right"), 2, [0, 1]] = True
    related[RELATIONS.index("of"), 3, 2] = True
    numbers = np.arange(5) / 5
    return Facts(things, related, numbers, numbers, numbers, np.ones((5, 4, 4), np.bool_))


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("red block", [0]),
        ("red things", [0, 4]),
        ("objects", [0, 1, 2, 4]),
        ("the cube in the blue bowl", [0]),
        ("the thing to the left of the drawer", [0, 1]),
        ("handle of green drawer", [3]),
        ("the rightmost red object", [4]),
        ("the small block", []),
        ("blocks left of the drawer", [0]),
    ],
)
def test_noun_phrases_mean_what_they_say(words: str, meant: list[int]) -> None:
    noun = read_noun(words)
    assert noun is not None
    assert np.flatnonzero(fitting(noun, paper_facts())).tolist() == meant


def test_a_phrase_without_a_known_word_means_nothing() -> None:
    assert read_noun("invisible unicorn") is None
    assert read_noun("block left of the unicorn") is None
    assert read_question("why") is None


@pytest.mark.parametrize(
    ("words", "truth"),
    [
        ("Is there a red block?", "yes"),
        ("do you see a yellow cup", "no"),
        ("how many red things are there", "2"),
        ("what colour is the bowl", "blue"),
        ("what kind of thing is the blue object", "bowl"),
        ("is the red star small or large", "small"),
        ("on which side of the green drawer is the bowl", "left"),
        ("The red block is in the blue bowl.", "yes"),
        ("is the star inside the bowl", "no"),
        ("the drawer is open", "yes"),
        ("is the drawer closed", "no"),
        ("the red star is held", "yes"),
        ("do the red star and the red block have the same colour", "yes"),
        ("are the star and the block of the same kind", "no"),
        ("what colour is the red thing", NOTHING),
        ("the yellow cup", "no"),
    ],
)
def test_questions_are_read_and_answered(words: str, truth: str) -> None:
    asked = read_question(words)
    assert asked is not None
    assert answer(asked, paper_facts()) == truth


def test_drawn_phrases_avoid_what_is_not_to_be_said() -> None:
    rng = np.random.default_rng(0)
    drawn = [draw_absent(paper_facts(), WORDS, rng) for _ in range(300)]
    absent = [noun for noun in drawn if noun is not None]
    assert len(absent) > 200
    assert not any((noun.kind, noun.colour) == ("cup", "red") for noun in absent)
    assert not any(fitting(noun, paper_facts()).any() for noun in absent)
    assert said(Noun("shelf"), rng, plural=True) in ("shelves", "bookshelves")


def consistent(facts: Facts, words: Wordlist) -> set[str]:
    """Types of the drawn questions, each of which reads back to its own truth."""
    rng, types = np.random.default_rng(1), set()
    for _ in range(200):
        question = draw_question(facts, words, rng)
        if question is None:
            continue
        asked = read_question(question.words)
        assert asked is not None, question.words
        assert answer(asked, facts) == question.answer, question.words
        assert question.answer in ANSWERS
        assert (fitting(asked.first, facts) == question.match).all()
        types.add(question.type)
    return types


def test_drawn_questions_read_back_to_their_truth_on_the_table() -> None:
    types = consistent(paper_facts(), WORDS)
    env = TabletopEnv("move_drawer", action_mode="ee_pose", cameras=())
    env.reset(seed=7)
    frame = render_states([env.renderer], [env.state], ["front"], 256, 256)["front"]
    points = env.renderer.standing_points("front", frame.depth_m[0])
    facts = table_facts(env.scene, env.state, frame.segmentation[0], points)
    env.close()
    types |= consistent(facts, WORDS)
    assert {"handle", "drawer"} <= {thing.kind for thing in facts.things}
    assert (facts.masks.sum(0) <= 1).all()
    assert types == {"refer", *PHRASINGS}


def test_drawn_questions_read_back_to_their_truth_in_rooms() -> None:
    env = RoomsEnv("rooms", cameras=())
    env.reset(seed=3)
    frames = HomeRenderer(env.scene).render([env.state.here])
    facts = room_facts(env.scene, frames.segmentation[0], frames.depth_m[0])
    env.close()
    assert facts.things
    assert "refer" in consistent(facts, Wordlist(ROOM_KINDS, tuple(COLOURS), ("left", "right")))


def test_questions_about_an_empty_frame_are_about_what_is_not_there() -> None:
    empty = Facts((), np.zeros((7, 0, 0), np.bool_), *(np.zeros(0),) * 3, np.zeros((0, 4, 4), bool))
    rng = np.random.default_rng(2)
    drawn = [draw_question(empty, WORDS, rng) for _ in range(30)]
    assert {question.answer for question in drawn if question is not None} <= {"no", "0"}
