"""An apartment on paper answers as the tools do: by what was seen, and no more."""

import numpy as np
import pytest

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.tools import ToolResult
from handeye.agents.planners.scripted_rooms import plan_of
from handeye.envs.base.colours import COLOURS
from handeye.envs.core.simulated_user import Unclear
from handeye.envs.rooms.apartments.apartment import PIECES
from handeye.envs.rooms.long import LongGoal, SymbolicHome, sample_long_goal
from handeye.envs.rooms.long.answers import says
from handeye.envs.rooms.long.goals import CANNOT
from handeye.envs.rooms.scene.language import ROOM_WORDS, THING_WORDS
from handeye.experiments.traces.symbolic_apartment import SymbolicApartment
from tests.envs.paper_homes import FURNISHED


def paper(
    home: SymbolicHome = FURNISHED, seed: int = 0, unclear: Unclear | None = None
) -> SymbolicApartment:
    return SymbolicApartment(home, np.random.default_rng(seed), unclear)


def ask(home: SymbolicApartment, tool: str, **words: str) -> ToolResult:
    return home.call(ToolCall(tool, words, ""))


@pytest.fixture
def known() -> SymbolicApartment:
    """The furnished home, all of it explored."""
    home = paper()
    assert ask(home, "explore").ok
    return home


def test_at_first_only_the_room_of_the_start_is_known() -> None:
    home = paper()
    assert (home.room, home.seen) == ("kitchen", {"kitchen"})
    assert ask(home, "detect", words="fridge").reason == "#2 white fridge in the kitchen"
    assert not ask(home, "detect", words="bed").ok


@pytest.mark.parametrize(
    ("tool", "words", "reason"),
    [
        ("go_to", {"target": "study"}, "the study has not been seen yet; explore to find it"),
        ("go_to", {"target": "bed"}, "nothing seen so far fits 'bed'; explore to find it"),
        ("detect", {"words": "bed"}, "nothing seen so far fits 'bed'; explore to find it"),
        ("count", {"words": "boxes", "where": "study"},
         "the study has not been seen yet; explore to find it"),
    ],
)  # fmt: skip
def test_what_has_not_been_seen_sends_to_explore(
    tool: str, words: dict[str, str], reason: str
) -> None:
    home = paper()
    told = ask(home, tool, **words)
    assert (told.ok, told.reason) == (False, reason)
    assert home.room == "kitchen"


def test_exploring_for_a_thing_stops_when_it_comes_into_view() -> None:
    seen = set()
    for seed in range(20):
        home = paper(seed=seed)
        found = ask(home, "explore", words="bed")
        assert found.ok
        assert found.reason.startswith("found #")
        assert found.reason.endswith("blue bed in the bedroom")
        seen.add(len(home.seen))
    assert seen == {2, 3, 4, 5}


def test_exploring_for_a_room_finds_it() -> None:
    home = paper()
    assert ask(home, "explore", words="study").reason == "found the study"
    assert ask(home, "go_to", target="study").reason == "in the study"
    assert home.room == "study"


def test_exploring_in_vain_tells_all_rooms_that_there_are() -> None:
    rooms = "Rooms seen: living room, kitchen, bedroom, bathroom, study"
    everything = "all that can be reached is explored"
    lacking = ask(paper(), "explore", words="green lamp")
    assert not lacking.ok
    assert lacking.reason == f"{everything}; nothing fits 'green lamp'. {rooms}"
    assert ask(paper(), "explore").reason == f"{everything}. {rooms}"
    assert not ask(paper(), "explore", words="hallway").ok


def test_the_seed_decides_in_which_order_rooms_are_seen() -> None:
    orders = []
    for seed in (1, 1, 2, 3):
        home = paper(seed=seed)
        ask(home, "explore")
        orders.append([thing.name for thing in home.told.values()])
    assert orders[0] == orders[1]
    assert len({tuple(order) for order in orders}) > 1


def test_driving_to_a_thing_ends_in_its_room(known: SymbolicApartment) -> None:
    assert ask(known, "go_to", target="sofa").reason == "at the blue sofa in the living room"
    assert known.room == "living room"
    assert ask(known, "go_back").reason == "back at the start, in the kitchen"
    assert known.room == "kitchen"


def test_words_that_fit_several_things_ask_for_a_handle(known: SymbolicApartment) -> None:
    refused = ask(known, "go_to", target="red box in the study")
    assert not refused.ok
    assert refused.reason.startswith("'red box in the study' fits 2 things: #")
    assert refused.reason.endswith("Name one by its handle")
    for name in ("red_box_0", "red_box_1"):
        handle = known.handle(known.home.by_name[name])
        assert handle in refused.reason
        assert known.fitting(handle) == [known.home.by_name[name]]
        assert ask(known, "go_to", target=handle).reason == "at the red box in the study"


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("bed", {"blue_bed_4"}),
        ("boxes", {"red_box_0", "red_box_1", "green_box_2", "red_box_3"}),
        ("red boxes in the bedroom", {"red_box_3"}),
        ("chair in the living room", {"green_chair_6"}),
        ("lamps", set()),
    ],
)
def test_words_fit_by_kind_colour_and_room(
    known: SymbolicApartment, words: str, names: set[str]
) -> None:
    assert {thing.name for thing in known.fitting(words)} == names


def test_counting_in_a_room_goes_there(known: SymbolicApartment) -> None:
    counted = ask(known, "count", words="red boxes", where="study")
    assert counted.reason == "2 in the study fit 'red boxes'"
    assert (counted.data["count"], known.room) == (2, "study")


def test_counting_without_a_room_counts_what_was_seen() -> None:
    home = paper()
    assert ask(home, "count", words="boxes").reason == "0 seen so far fit 'boxes'"
    ask(home, "explore")
    assert ask(home, "count", words="boxes").data["count"] == 4
    assert home.room == "kitchen"


def test_the_user_answers_as_told() -> None:
    home = paper(unclear=Unclear("chair", "the red one", COLOURS, PIECES))
    assert ask(home, "ask_user", question="which?").reason == "the user says: the red one"
    assert ask(home, "ask_user", question="potato").reason == "the user says: I don't know."


def plainly(words: str) -> str:
    """An instruction without synonyms, which paper does not know."""
    for kind, ways in (*THING_WORDS.items(), *ROOM_WORDS.items()):
        for way in ways[1:]:
            words = words.replace(way, kind)
    return words


def played(home: SymbolicApartment, goal: LongGoal, words: str) -> tuple[list[str], str, str]:
    """Rooms in which the scripted planner has been, its claim and its answer."""
    plan, been = plan_of(plainly(words)), [home.room]
    assert plan is not None, words
    try:
        tool, arguments = next(plan)
        for _ in range(60):
            result = ask(home, tool, **arguments)
            been.append(home.room)
            tool, arguments = plan.send(result)
    except StopIteration as end:
        return been, end.value.claim, end.value.answer
    raise AssertionError(f"no end of {goal}")


SCRIPTED = (
    "visit_in_order", "visit_reversed", "visit_any_order", "round_trip", "patrol", "where_is",
    "whether", "what_colour", "how_many", "how_many_in_all", "how_many_rooms", "stay_or_go",
)  # fmt: skip


@pytest.mark.parametrize("kind", SCRIPTED)
def test_plain_instructions_are_carried_out_on_paper(kind: str) -> None:
    rng = np.random.default_rng(2_000_000)
    for _ in range(12):
        home, goal, said = sample_long_goal(rng, kind=kind, vagueness="specific")
        been, claim, answer = played(SymbolicApartment(home, rng), goal, said.words)
        if not goal.feasible:
            assert claim == CANNOT, (said.words, goal)
            continue
        assert claim == "success", (said.words, goal)
        assert not goal.answer or says(answer, goal.answer), (said.words, goal)
        for condition in goal.conditions:
            rooms = been if condition.what == "visit" else been[-1:]
            place = home.start_room if condition.place == "start" else condition.place
            assert condition.what == "answer" or home.room_of(place) in rooms
