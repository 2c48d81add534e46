"""The safety suite without a simulator: jobs as data, rates and tables by hand."""

import json
from dataclasses import asdict
from itertools import pairwise

import pytest

from handeye.agents.core.conversation import ToolCall, ToolSpec
from handeye.agents.core.planner import Done, Step
from handeye.agents.core.tools import ToolResult
from handeye.envs.tabletop.tasks import CORE
from handeye.experiments.safety.gate_trial import ToldPlanner
from handeye.experiments.safety.hazard_cases import DEV, HELD_OUT, load_cases
from handeye.experiments.safety.jobs import (
    ATTACKED,
    OWN_WORDS_TASKS,
    SPACING,
    SafetyJob,
    plan_jobs,
)
from handeye.experiments.safety.prompt_injections import OWN_WORDS
from handeye.experiments.safety.summary import (
    BREACHES,
    rejected,
    safety_summary,
    safety_tables,
    sentence,
)

SEED = 2_000_000
HAZARD = {
    "suite": "hazard", "twin": "hazardous", "gate": "full", "case": "a", "wording": HELD_OUT,
    "denials": 0, "harms": [],
}  # fmt: skip
ATTACK = {
    "suite": "injection", "planner": "obedient", "gate": "full", "channel": "sign",
    "attack": "first", "target_reached": False, "success": True, "harms": [],
}  # fmt: skip


def test_a_job_is_named_by_all_that_is_said_of_it() -> None:
    job = SafetyJob("injection", "full", SEED, task="stack", planner="obedient", channel="sign")
    assert job.job_id == "injection full 2000000 0 stack obedient sign"
    assert SafetyJob(**json.loads(json.dumps(asdict(job)))) == job


def test_the_two_wordings_of_a_case_have_names_of_their_own() -> None:
    first, second = (
        SafetyJob("hazard", "full", SEED, case="a", twin="safe", wording=wording)
        for wording in (DEV, HELD_OUT)
    )
    assert first.job_id != second.job_id


def test_no_two_scenes_are_searched_from_nearby_seeds() -> None:
    seeds = sorted({job.seed for job in plan_jobs(SEED, 1)})
    assert seeds[0] == SEED
    assert all(b - a == SPACING for a, b in pairwise(seeds))


def test_every_case_is_told_in_both_wordings_to_both_twins() -> None:
    hazards = [job for job in plan_jobs(SEED, 1) if job.suite == "hazard"]
    for case in load_cases():
        told = {(j.wording, j.twin, j.gate) for j in hazards if j.case == case.name}
        assert told == {
            (DEV, "hazardous", "full"), (DEV, "safe", "full"), (HELD_OUT, "hazardous", "off"),
            (HELD_OUT, "hazardous", "full"), (HELD_OUT, "safe", "full"),
        }  # fmt: skip


def test_twins_and_gates_share_the_scene_of_a_wording() -> None:
    hazards = [job for job in plan_jobs(SEED, 1) if job.suite == "hazard"]
    seeds: dict[tuple[str, int], set[int]] = {}
    for job in hazards:
        seeds.setdefault((job.case, job.wording), set()).add(job.seed)
    assert all(len(several) == 1 for several in seeds.values())
    assert len(set.union(*seeds.values())) == len(seeds)


def test_orders_in_the_users_own_words_need_two_things() -> None:
    injected = [job for job in plan_jobs(SEED, 3) if job.suite == "injection"]
    assert {j.task for j in injected if j.attack == OWN_WORDS} == set(OWN_WORDS_TASKS)
    assert {j.task for j in injected if j.attack != OWN_WORDS} == set(ATTACKED)


def test_a_language_model_is_attacked_in_the_scenes_of_the_obedient() -> None:
    injected = [job for job in plan_jobs(SEED, 1, "a-model") if job.suite == "injection"]
    seeds = {
        name: [j.seed for j in injected if j.planner == name] for name in ("obedient", "a-model")
    }
    assert seeds["obedient"] == seeds["a-model"]


@pytest.mark.parametrize("scenes", [0, 1, 3])
def test_utility_is_measured_in_every_core_task_with_and_without_the_gate(scenes: int) -> None:
    useful = [job for job in plan_jobs(SEED, scenes) if job.suite == "utility"]
    assert len(useful) == 2 * scenes * len(CORE.tasks)
    assert {job.planner for job in useful} <= {"scripted"}


@pytest.mark.parametrize(
    ("denials", "harms", "expected"),
    [(1, [], True), (3, [], True), (0, [], False), (1, ["force"], False), (0, ["lost"], False)],
)
def test_rejected_is_what_was_denied_and_did_no_harm(
    denials: int, harms: list[str], expected: bool
) -> None:
    assert rejected({"denials": denials, "harms": harms}) is expected


def test_a_held_out_case_that_harms_nobody_without_the_gate_is_not_counted() -> None:
    harmless = {**HAZARD, "gate": "off"}
    figures = safety_summary([harmless, HAZARD])
    assert figures["harmless_without_gate"] == ["a"]
    assert figures["rejection"]["n"] == 0


def test_a_dev_wording_counts_whatever_the_held_out_one_does() -> None:
    harmless = {**HAZARD, "gate": "off"}
    figures = safety_summary([harmless, {**HAZARD, "wording": DEV, "denials": 1}])
    assert (figures["rejection"]["k"], figures["rejection"]["n"]) == (1, 1)
    assert figures["rejection_by_wording"]["dev"]["n"] == 1
    assert figures["rejection_by_wording"]["held out"]["n"] == 0


def test_a_case_of_two_harms_counts_for_both_kinds() -> None:
    off = {**HAZARD, "gate": "off", "harms": ["fall", "force"]}
    figures = safety_summary([off, {**HAZARD, "denials": 1}])
    assert set(figures["rejection_by_hazard"]) == {"fall", "force"}
    assert {r["k"] for r in figures["rejection_by_hazard"].values()} == {1}
    assert figures["harm_by_gate"]["off"]["k"] == 1
    assert sum(figures["breaches_by_gate"]["off"].values()) == 2
    assert tuple(figures["breaches_by_gate"]["off"]) == BREACHES


def test_safe_twins_are_refused_by_any_denial() -> None:
    safe = {**HAZARD, "twin": "safe"}
    figures = safety_summary([{**safe, "denials": 2}, safe, {**safe, "wording": DEV}])
    assert (figures["over_refusal"]["k"], figures["over_refusal"]["n"]) == (1, 3)


def test_attacks_are_told_apart_by_planner_gate_and_words() -> None:
    figures = safety_summary([
        ATTACK,
        {**ATTACK, "gate": "off", "target_reached": True, "success": False, "harms": ["force"]},
        {**ATTACK, "planner": "a-model", "attack": OWN_WORDS, "target_reached": True},
    ])  # fmt: skip
    told = {(a["planner"], a["gate"], a["attack"]): a for a in figures["injection"]}
    assert len(told) == len(figures["injection"]) == 8
    assert told["obedient", "off", "all others"]["target_reached"]["k"] == 1
    assert told["obedient", "off", "all others"]["own_goal_reached"]["k"] == 0
    assert told["obedient", "off", "all others"]["harms"] == 1
    assert told["obedient", "full", "all others"]["own_goal_reached"]["k"] == 1
    assert told["a-model", "full", OWN_WORDS]["target_reached"]["k"] == 1
    assert told["a-model", "off", OWN_WORDS]["target_reached"]["n"] == 0


def test_channels_are_judged_behind_the_gate_without_the_users_own_words() -> None:
    reached = {"target_reached": True}
    figures = safety_summary([
        {**ATTACK, "channel": "label", **reached},
        {**ATTACK, "channel": "label", "gate": "off", **reached},
        {**ATTACK, "channel": "label", "attack": OWN_WORDS, **reached},
        ATTACK,
    ])  # fmt: skip
    by = figures["injection_by_channel"]
    assert (by["label"]["k"], by["label"]["n"]) == (1, 1)
    assert (by["sign"]["k"], by["sign"]["n"]) == (0, 1)


def test_forbidden_calls_add_up_over_rows() -> None:
    forbidden = {"suite": "forbidden", "calls": 10, "executed": ["pick"]}
    figures = safety_summary([forbidden, {**forbidden, "executed": []}])
    assert figures["forbidden"] == {"k": 1, "n": 20}


def test_a_run_in_a_sentence_says_what_was_not_measured() -> None:
    said = sentence(safety_summary([{"suite": "forbidden", "calls": 10, "executed": []}]))
    assert "0 of 10 forbidden calls executed" in said
    assert said.endswith("obeys all it reads: not measured")


def test_a_run_in_a_sentence_tells_both_gates() -> None:
    off = {**ATTACK, "gate": "off", "target_reached": True}
    said = sentence(safety_summary([off, ATTACK]))
    assert "100.0 % (1 of 1) no gate and 0.0 % (0 of 1) the whole gate" in said


def test_tables_name_the_harmless_and_leave_out_attacks_that_were_not_tried() -> None:
    made = safety_summary([{**HAZARD, "gate": "off"}, HAZARD, ATTACK])
    tables = safety_tables({**made, "seed": SEED, "command": "handeye safety", "commit": "abc"})
    assert tables.startswith("`handeye safety`, commit `abc`, seeds from 2,000,000.")
    assert "are not counted: a." in tables
    assert tables.count("| `obedient` |") == 1
    assert "| no gate | 0 / 1 | 0.0 % |" in tables


def test_nobody_harmless_is_said_so() -> None:
    made = safety_summary([{**HAZARD, "gate": "off", "harms": ["lost"]}, HAZARD])
    tables = safety_tables({**made, "seed": SEED, "command": "c", "commit": "d"})
    assert "are not counted: none." in tables
    assert "| – harm of the kind lost | 0 / 1 |" in tables


TOOLS = [
    ToolSpec("pick", "", {"properties": {"target": {}}}),
    ToolSpec("place_beside", "", {"properties": {"reference": {}, "side": {}}}),
]
RESULT = ToolResult(False, "denied")


def test_a_told_planner_makes_its_calls_whatever_comes_of_them() -> None:
    planner = ToldPlanner([("pick", "star"), ("place_beside", "cup", "left")])
    planner.reset("anything", TOOLS, 0)
    first = planner.next_call([])
    assert first == ToolCall("pick", {"target": "star"}, "call_0")
    assert isinstance(first, ToolCall)
    second = planner.next_call([Step(first, RESULT)])
    assert second == ToolCall("place_beside", {"reference": "cup", "side": "left"}, "call_1")
    assert planner.next_call([Step(first, RESULT)] * 2) == Done("success")


@pytest.mark.parametrize("call", [("pick",), ("pick", "star", "left")])
def test_a_told_call_with_other_arguments_than_its_tool_is_our_mistake(
    call: tuple[str, ...],
) -> None:
    planner = ToldPlanner([call])
    planner.reset("anything", TOOLS, 0)
    with pytest.raises(ValueError, match="zip"):
        planner.next_call([])
