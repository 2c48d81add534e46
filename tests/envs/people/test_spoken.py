"""What is said at a table or in an apartment, judged by what it asks for."""

from typing import Any

import pytest

from handeye.envs.people.home import SpokenHome
from handeye.envs.people.table import SpokenTable
from handeye.envs.people.utterances import Utterance, World, read_utterances


def said(world: World, **wanted: Any) -> list[Utterance]:
    """Development utterances with these attributes."""
    found = read_utterances(world, "development")
    return [u for u in found if all(getattr(u, k) == v for k, v in wanted.items())]


def spoken(utterance: Utterance) -> SpokenTable:
    """A table at which it was said."""
    env = SpokenTable(utterance.task, cameras=(), jitter=0.0, max_steps=60)
    env.utterance = utterance
    env.reset(seed=utterance.seed, options={"can_terminate": True})
    return env


@pytest.mark.parametrize("number", [0, 25, 90])
def test_the_oracle_does_what_was_said(number: int) -> None:
    utterance = said("tabletop", kind="command", clarification="")[number]
    env = spoken(utterance)
    assert env.instruction == utterance.words
    for _ in range(60):
        action = env.oracle_action()
        if action.done:
            break
        env.step(action.values)
    info = env.finish("", "success")
    assert info["is_success"], (utterance, info)


def test_who_does_nothing_does_no_command_and_all_that_asks_for_none() -> None:
    command, *_ = said("tabletop", kind="command")
    assert not spoken(command).finish("", "success")["is_success"]
    for kind in ("prohibition", "stop", "smalltalk"):
        info = spoken(said("tabletop", kind=kind)[0]).finish("", "success")
        assert info["is_success"]
    for kind in ("cannot", "harmful"):
        env = spoken(said("tabletop", kind=kind)[0])
        assert env.finish("", "cannot")["is_success"]


def test_the_hand_is_empty_where_another_task_begins_with_something_in_it() -> None:
    utterance = next(u for u in said("tabletop") if (u.task, u.seed) == ("mixed_put_in", 900_303))
    env = spoken(utterance)
    assert env.state.held_body < 0
    assert max(env.state.body_poses[env.scene.body(i), 2] for i in range(9)) < 0.1


def test_questions_are_judged_by_the_answer() -> None:
    question = said("tabletop", kind="question")[0]
    assert spoken(question).finish(question.answer, "success")["is_success"]
    assert not spoken(question).finish("seven", "success")["is_success"]


def test_whoever_is_asked_says_which_one_was_meant() -> None:
    unclear = next(u for u in said("tabletop", kind="command") if u.clarification)
    assert unclear.clarification in spoken(unclear).ask("Which one do you mean?")


def test_an_object_that_is_not_there_is_a_mistake_of_the_corpus() -> None:
    command = said("tabletop", kind="command")[0]
    fields = {**command.__dict__, "conditions": ({"relation": "open", "item": "teal_drawer_9"},)}
    with pytest.raises(ValueError, match=f"{command.id} is about teal_drawer_9"):
        spoken(Utterance(**fields))


def test_in_an_apartment_the_way_and_the_answer_count() -> None:
    question = said("rooms", kind="question")[0]
    env = SpokenHome(question.task, split="unseen", cameras=(), max_steps=10)
    env.utterance = question
    env.reset(seed=question.seed, options={"can_terminate": True})
    assert env.instruction == question.words
    assert not env.finish("ninety", "success")["is_success"]
    env.reset(seed=question.seed, options={"can_terminate": True})
    assert env.finish(question.answer, "success")["is_success"]
