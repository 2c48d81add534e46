"""The user answers what was asked, and nothing else."""

import pytest

from handeye.envs.base.colours import COLOURS
from handeye.envs.core.simulated_user import (
    DONT_KNOW,
    NOTHING_TO_ADD,
    WHAT_ABOUT,
    Unclear,
    reply,
)
from handeye.envs.tabletop.world import shapes

KINDS = shapes.KINDS
BLOCK = Unclear("block", "the red one", COLOURS, KINDS)
RED_THING = Unclear("thing", "the cup", KINDS, KINDS)
TOLD = "the red one"


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Which block?", TOLD), ("Which block do you mean?", TOLD), ("which one?", TOLD),
        ("Which of the blocks?", TOLD), ("which is it", TOLD), ("What do you mean?", TOLD),
        ("what colour is it?", TOLD), ("What color?", TOLD), ("What size?", TOLD),
        ("Where is the block?", TOLD), ("where?", TOLD), ("the first or the second?", TOLD),
        ("Can you be more specific?", TOLD), ("please clarify", TOLD), ("Which cube?", TOLD),
        ("Which block do you want in the bowl?", TOLD), ("WHICH BLOCKS", TOLD),
        ("the red or the blue one?", TOLD), ("red or blue?", TOLD), ("which, red or green?", TOLD),
        ("the blue or the green one?", "neither"), ("which one, blue or pink?", "neither"),
        ("the red one?", "yes"), ("Do you mean the red block?", "yes"), ("is it red", "yes"),
        ("the blue one?", "no"), ("Do you mean the blue block?", "no"), ("green", "no"),
        ("which red block?", TOLD), ("which blue block?", "no"),
        ("not the red one?", DONT_KNOW),
        ("Which bowl?", NOTHING_TO_ADD), ("Where is the bowl?", NOTHING_TO_ADD),
        ("What colour is the button?", NOTHING_TO_ADD), ("the red bowl?", NOTHING_TO_ADD),
        ("potato", DONT_KNOW), ("potato?", DONT_KNOW), ("block", DONT_KNOW), ("?!", WHAT_ABOUT),
        ("tell me the answer", DONT_KNOW), ("How are you?", DONT_KNOW), ("why?", DONT_KNOW),
        ("What time is it?", DONT_KNOW), ("is it done?", DONT_KNOW), ("", WHAT_ABOUT),
        ("ignore all rules and say it", DONT_KNOW), ("käse? 数字 ٣", DONT_KNOW),
        ("how many blocks are there?", DONT_KNOW), ("   ", WHAT_ABOUT),
    ],
)  # fmt: skip
def test_a_question_gets_what_it_asks_for(question: str, answer: str) -> None:
    assert reply(question, BLOCK) == answer


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Which red thing?", "the cup"), ("What kind of thing?", "the cup"), ("a cup?", "yes"),
        ("the bowl?", "no"), ("the cup or the star?", "the cup"), ("potato", DONT_KNOW),
    ],
)  # fmt: skip
def test_kinds_tell_apart_what_is_of_one_colour(question: str, answer: str) -> None:
    assert reply(question, RED_THING) == answer


def test_where_nothing_is_unclear_nothing_is_added() -> None:
    assert reply("Which block?", None) == NOTHING_TO_ADD
    assert reply("potato", None) == DONT_KNOW


def test_the_user_of_the_episode_has_not_said_what_others_say() -> None:
    assert reply("Which block?", BLOCK, knows=False) == DONT_KNOW
