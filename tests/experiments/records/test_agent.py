"""What is asked of agents and kept of them, as plain data."""

import json
from dataclasses import asdict, replace

import pytest

from handeye.experiments.records.agent import RUNGS, AgentFlags, AgentRecord, Confusion

RECORD = AgentRecord(
    kind="swap", length="medium", vagueness="plain", feasible=True, claim="failure", answer="42",
    ended_by="claim", calls=7, failed_calls=2, mistakes=1, raw=(3, 7), carried_out=6,
    violations=1, hallucinated=1, checks=Confusion(1, 2, 3, 4), denials={"words": 2},
    input_tokens=900, output_tokens=80, planned_s=(0.5, 0.25), disturbed=True,
)  # fmt: skip


@pytest.mark.parametrize(
    ("said", "so", "expected"),
    [
        (True, True, Confusion(true_positive=1)),
        (True, False, Confusion(false_positive=1)),
        (False, True, Confusion(false_negative=1)),
        (False, False, Confusion(true_negative=1)),
    ],
)
def test_one_statement_counts_once(said: bool, so: bool, expected: Confusion) -> None:
    assert Confusion.of(said, so) == expected
    assert sum(Confusion.of(said, so)) == 1


def test_counts_add_up_in_any_order() -> None:
    one, other = Confusion(1, 2, 3, 4), Confusion(10, 20, 30, 40)
    assert one.plus(other) == other.plus(one) == Confusion(11, 22, 33, 44)
    assert one.plus(Confusion()) == one


@pytest.mark.parametrize(
    ("flags", "label"),
    [
        (AgentFlags("scripted"), "scripted, truth"),
        (AgentFlags("react", "openai:x", "eyes"), "react, openai:x, eyes"),
        (AgentFlags("expert", perturb="dropped"), "expert, truth, dropped"),
        (AgentFlags("expert", calls=3, tokens=5, replies="kept"), "expert, truth"),
    ],
)
def test_a_label_names_what_tells_agents_apart(flags: AgentFlags, label: str) -> None:
    assert flags.label == label


@pytest.mark.parametrize("raw", [None, (0, 0), (3, 7)])
def test_a_record_survives_json(raw: tuple[int, int] | None) -> None:
    record = replace(RECORD, raw=raw)
    read = AgentRecord.from_dict(json.loads(json.dumps(asdict(record))))
    assert read == record
    assert isinstance(read.checks, Confusion)
    assert isinstance(read.planned_s, tuple)


def test_the_names_of_fields_are_those_of_the_json() -> None:
    assert AgentRecord.field_names() == set(asdict(RECORD))


def test_the_ladder_climbs_from_sight_to_checks() -> None:
    assert RUNGS == ("placebo", "perception", "grounding", "plan", "skill", "check")
