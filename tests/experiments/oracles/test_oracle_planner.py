import numpy as np
import pytest

from handeye.agents.agent import Agent
from handeye.agents.planners.react import told
from handeye.envs.core.simulated_user import Unclear
from handeye.envs.tabletop.world.goal import Subgoal
from handeye.envs.tabletop.world.shapes import KINDS
from handeye.experiments.actors.agent_worlds import tool_set_of
from handeye.experiments.oracles.oracle_planner import Inquiry, OraclePlanner, PlanSpec, names_in
from handeye.experiments.oracles.plan_specs import plan_spec_of
from handeye.experiments.traces.plan_annotation import Trace
from handeye.experiments.traces.planning_traces import play
from handeye.experiments.traces.symbolic_tabletop import (
    NO_MISHAPS,
    FailureRates,
    SymbolicObject,
    SymbolicTabletop,
)
from handeye.experiments.traces.table_drafts import TraceDraft, standing

BLOCK = standing("block", "red", "small", (0.44, -0.1))
STAR = standing("star", "red", "large", (0.54, 0.1))
BOWL = standing("bowl", "blue", "", (0.64, 0.1))
UNCLEAR = Unclear("thing", "the star", KINDS, KINDS)


def played(subgoals: list[Subgoal], words: str, mishaps: FailureRates, **told_so: object) -> Trace:
    things = [SymbolicObject(spec, np.array(spec.position_m[:2])) for spec in (BLOCK, STAR, BOWL)]

    def assign(table: SymbolicTabletop) -> PlanSpec:
        return PlanSpec(words, [t.spec for t in things], subgoals, table.resolve, **told_so)

    draft = TraceDraft("test", things, words, UNCLEAR, assign)
    return play(draft, np.random.default_rng(0), mishaps)


def calls(trace: Trace) -> list[str]:
    """What was called, plans left out."""
    made = [turn.call for turn in trace.turns if turn.call.name != "plan"]
    said = [(call.name, *call.arguments.values()) for call in made]
    return [" ".join(words).strip() for words in said]


PUT = [Subgoal("put", 0, 2, "inside")]


def test_it_looks_names_things_as_the_words_do_and_checks() -> None:
    trace = played(PUT, "put the block in the thing to eat soup from", NO_MISHAPS)
    assert calls(trace) == [
        "describe", "pick block", "place_in blue bowl", "check block in blue bowl", "done success",
    ]  # fmt: skip
    assert trace.turns[0].result == "ok: small red block; large red star; blue bowl"


def test_it_tries_again_and_gives_up() -> None:
    trace = played(PUT, "put the block in the bowl", FailureRates(missed=1.0, unseen=0.0))
    assert calls(trace) == [
        "describe", *["pick block"] * 4,
        "done failure the fingers closed on nothing (opened again to 8.0 cm)",
    ]  # fmt: skip
    trace = played(
        PUT, "put the block in the bowl", FailureRates(toppled=1.0, missed=0.0, dropped=0.0)
    )
    assert calls(trace).count("pick block") == 4
    assert trace.turns[-1].call.arguments["claim"] == "failure"


@pytest.mark.parametrize("overlooked", [0.0, 1.0])
def test_it_looks_into_a_drawer_and_does_not_claim_what_it_has_not_seen(overlooked: float) -> None:
    drawer = standing("drawer", "yellow", "", (0.36, -0.2))
    things = [SymbolicObject(spec, np.array(spec.position_m[:2])) for spec in (drawer, BLOCK)]
    things[1].inside, things[1].xy = 0, things[0].tray
    subgoals = [Subgoal("slide", 0, relation="open"), Subgoal("look", -1)]

    def assign(table: SymbolicTabletop) -> PlanSpec:
        return PlanSpec("look", [t.spec for t in things], subgoals, table.resolve, answer="red")

    mishaps = FailureRates(0.0, 0.0, 0.0, 0.0, overlooked)
    trace = play(
        TraceDraft("test", things, "look", None, assign), np.random.default_rng(0), mishaps
    )
    assert calls(trace) == [
        "describe", "open_drawer yellow drawer",
        *(["describe"] * 2 if overlooked else ["describe"]),
        "done failure nothing in view is new" if overlooked else "done success red",
    ]  # fmt: skip


def test_it_asks_what_only_the_user_knows() -> None:
    trace = played(
        [Subgoal("grasp", 1)], "take the red thing", NO_MISHAPS, unclear=(1, "red thing")
    )
    assert calls(trace)[1:] == [
        "pick red thing", "ask_user Which red thing?", "pick red star", "done success",
    ]  # fmt: skip
    assert "'red thing' fits 2 things" in trace.turns[2].result
    assert trace.turns[3].result == "ok: the star"


def test_it_does_not_try_what_cannot_be() -> None:
    trace = played(PUT, "put the cup in the bowl", NO_MISHAPS, infeasible="there is no cup")
    assert calls(trace) == ["describe", "done cannot there is no cup"]


@pytest.mark.slow
@pytest.mark.parametrize("task", ["put_in", "stack", "move_drawer", "press_button"])
def test_it_acts_in_the_simulator_and_paper_tells_the_same(task: str) -> None:
    tool_set = tool_set_of(task)
    env = tool_set.env(task, max_steps=120)
    agent = Agent(
        OraclePlanner(plan_spec_of(env)), tool_set.equip(tool_set.perception("truth", env))
    )
    said: list[str] = []

    class Heard:
        """Keeps what tools told."""

        def start(self, *_: object) -> None: ...

        def step(self, step: object, *_: object) -> None:
            said.append(told(step.result))  # type: ignore[attr-defined]

        def end(self, *_: object) -> None: ...

    result = agent.run(env, seed=2_000_001, recorder=Heard())
    assert result.success
    assert said[0].startswith("ok: ")
    things = [SymbolicObject(spec, np.array(spec.position_m[:2])) for spec in env.scene.objects]
    table = SymbolicTabletop()
    table.lay(things, "")
    table.reset(seed=0)
    kinds = {spec.kind for spec in env.scene.objects}
    lines = said[0].removeprefix("ok: ").split("; ")
    listed = {line.split(" (")[0] for line in lines if not line.startswith("handle")}
    facts, _ = table.facts()
    drawn = {f"{f.size} {f.colour} {f.kind}".strip() for f in facts.things if f.kind in kinds}
    assert listed == drawn
    env.close()


def test_pushes_presses_and_reaches_are_one_call_each() -> None:
    zone = standing("zone", "pink", "", (0.64, 0.3))
    button = standing("button", "cyan", "", (0.44, 0.3))
    things = [SymbolicObject(spec, np.array(spec.position_m[:2])) for spec in (BLOCK, zone, button)]
    subgoals = [Subgoal("push", 0, 1, "zone"), Subgoal("press", 2), Subgoal("reach", 0)]

    def assign(table: SymbolicTabletop) -> PlanSpec:
        return PlanSpec("do it", [t.spec for t in things], subgoals, table.resolve)

    trace = play(
        TraceDraft("test", things, "do it", None, assign), np.random.default_rng(0), NO_MISHAPS
    )
    assert calls(trace) == [
        "describe", "push_to red block pink zone", "check red block on pink zone",
        "press cyan button", "reach red block", "done success",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("target", "relation", "expected"),
    [
        (2, "inside", ["place_in bowl", "check block in bowl"]),
        (1, "on", ["place_on star", "check block on star"]),
        (1, "left", ["place_beside star left", "verify the block is to the left of the star"]),
    ],
)
def test_a_grasp_and_a_placement_are_one_try(
    target: int, relation: str, expected: list[str]
) -> None:
    subgoals = [Subgoal("grasp", 0), Subgoal("place", 0, target, relation)]
    trace = played(subgoals, "the block, the star, the bowl", NO_MISHAPS)
    assert calls(trace) == ["describe", "pick block", *expected, "done success"]


def test_a_placement_that_did_not_hold_is_tried_again_with_its_grasp() -> None:
    subgoals = [Subgoal("grasp", 0), Subgoal("place", 0, 2, "inside")]
    trace = played(subgoals, "the block in the bowl", FailureRates(0.0, 0.0, 1.0, 0.0, 0.0))
    assert calls(trace).count("pick block") == calls(trace).count("place_in bowl") == 4


def test_it_finds_out_first_and_says_the_answer_at_the_end() -> None:
    trace = played(
        [Subgoal("say", -1)], "how many red things are there", NO_MISHAPS,
        inquiries=(Inquiry("count", {"words": "red things"}),), answer="2",
    )  # fmt: skip
    assert calls(trace) == ["describe", "count red things", "done success 2"]
    assert "2" in trace.turns[1].result


def test_nothing_to_do_is_done() -> None:
    assert calls(played([], "do nothing", NO_MISHAPS)) == ["describe", "done success"]


def test_words_that_fit_two_things_are_not_used_as_a_name() -> None:
    trace = played([Subgoal("grasp", 1)], "take the red thing", NO_MISHAPS)
    assert calls(trace)[1] == "pick red star"


@pytest.mark.parametrize(
    ("words", "phrases"),
    [
        ("put the red block in a bowl", ["red block", "bowl"]),
        (
            "take the small star left of the blue bowl",
            ["small star", "blue bowl", "small star left of the blue bowl"],
        ),
        ("the square-sided thing goes on the zone", ["zone"]),
        ("stack the cubes", []),  # a plural is no name
        ("open it", []),
    ],
)
def test_names_are_found_in_the_words(words: str, phrases: list[str]) -> None:
    assert names_in(words) == phrases


def test_what_is_not_there_is_found_out_by_trying() -> None:
    steps = [Subgoal("put", 0, 1, "on"), Subgoal("press", -1)]

    def assign(table: SymbolicTabletop) -> PlanSpec:
        things = [t.spec for t in table.things]
        infeasible = "there is no such thing as the pink button"
        return PlanSpec(
            "do it", things, steps, table.resolve, infeasible=infeasible, absent="pink button"
        )

    star = standing("star", "green", "small", (0.5, 0.1))
    base = standing("block", "blue", "large", (0.5, -0.1))
    things = [SymbolicObject(spec, np.array(spec.position_m[:2])) for spec in (star, base)]
    trace = play(
        TraceDraft("test", things, "do it", None, assign), np.random.default_rng(0), NO_MISHAPS
    )
    assert calls(trace) == [
        "describe", "pick green star", "place_on blue block", "check green star on blue block",
        "press pink button", "press pink button",
        "done cannot there is no such thing as the pink button",
    ]  # fmt: skip
    steps = "pick green star; place_on blue block; press pink button"
    assert trace.turns[1].call.arguments == {"steps": steps}
