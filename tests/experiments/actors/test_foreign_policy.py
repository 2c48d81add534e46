"""Policies from elsewhere: what may be named, and what every mistake of theirs ends in."""

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gymnasium import spaces

from handeye.envs.core import extensions
from handeye.experiments.actors.foreign_policy import (
    ENTRY_POINTS,
    ForeignPolicy,
    PolicyFailure,
    is_spec,
    load_spec,
    whole_spec,
)
from handeye.experiments.actors.load_policy import lent, open_policy, policy_source
from handeye.policies.policy import Action

SPACE = spaces.Box(-1.0, 1.0, (7,), np.float32)
GOOD = """
import numpy as np

class Still:
    policy_id = "still"

    def reset(self, instruction, seed):
        self.words = instruction

    def act(self, observation):
        return np.zeros(7)

def make():
    return Still()

class Outer:
    Inner = Still

ready = Still()
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of the user's, which is the current one; its modules are forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if "stranger" in name:
            del sys.modules[name]


@pytest.mark.parametrize("attribute", ["Still", "make", "Outer.Inner", "ready"])
@pytest.mark.parametrize("module", ["stranger_good", "stranger_good.py"])
def test_a_class_a_function_or_an_object_of_a_module_or_a_file(
    folder: Path, module: str, attribute: str
) -> None:
    (folder / "stranger_good.py").write_text(GOOD)
    source = open_policy(f"{module}:{attribute}")
    assert (source.foreign, source.reads, source.action_mode) == (True, True, None)
    policy = source.loaded
    assert policy is not None
    assert policy.policy_id == "still"
    policy.reset("pick it up", 3)
    assert policy.act({}).values.shape == (7,)


def test_a_file_is_found_again_from_every_folder(folder: Path) -> None:
    (folder / "stranger_good.py").write_text(GOOD)
    assert open_policy("stranger_good.py:Still").path == f"{folder}/stranger_good.py:Still"
    assert whole_spec("a.b:C") == "a.b:C"


@pytest.mark.parametrize(
    ("name", "spec"),
    [("m:C", True), ("a/b.py:C", True), ("m:f.g", True), ("outputs/x", False), (":C", False),
     ("m:", False), ("m:1", False)],
)  # fmt: skip
def test_what_a_spec_looks_like(name: str, spec: bool) -> None:
    assert is_spec(name) == spec


@pytest.mark.parametrize(
    ("code", "name", "message"),
    [
        ("", "stranger_missing:A", "stranger_missing cannot be imported: ModuleNotFoundError"),
        ("", "stranger_missing.py:A", "is no file"),
        ("import stranger_not_there", "stranger_bad:A", "No module named 'stranger_not_there'"),
        ("raise RuntimeError('no weights')", "stranger_bad:A", r"no weights \(stranger_bad.py:1\)"),
        ("raise SystemExit(3)", "stranger_bad.py:A", "cannot be imported: SystemExit: 3"),
        ("x ===", "stranger_bad:A", "cannot be imported: SyntaxError"),
        (GOOD, "stranger_bad:Stil", "has no Stil"),
        ("A = 7", "stranger_bad:A", "it has no reset; a policy has"),
        ("class A:\n    def __init__(self, x): 0", "stranger_bad:A", "needs arguments"),
        ("class A:\n    def __init__(self): 1 / 0", "stranger_bad:A", "made: ZeroDivisionError"),
        ("class A:\n    def reset(self, i, s): 0", "stranger_bad:A", "it has no act"),
        (
            "class A:\n    def reset(self): 0\n    def act(self, o): 0",
            "stranger_bad:A",
            "its reset takes other arguments",
        ),
        (
            "class A:\n    def reset(self, i): 0\n    def act(self): 0",
            "stranger_bad:A",
            "its act takes other arguments",
        ),
    ],
)
def test_what_cannot_act_is_refused_in_one_line(
    folder: Path, code: str, name: str, message: str
) -> None:
    (folder / "stranger_bad.py").write_text(code)
    with pytest.raises(PolicyFailure, match=message) as failure:
        load_spec(name)
    assert "\n" not in str(failure.value)


class Giving:
    """A policy that gives what it was made with."""

    def __init__(self, values: Any) -> None:
        self.values = values

    def reset(self, instruction: str) -> None:
        pass

    def act(self, observation: Any) -> Any:
        if isinstance(self.values, Exception):
            raise self.values
        return self.values


@pytest.mark.parametrize("values", [[0.5] * 7, np.full(7, 0.5), Action(np.full(7, 0.5))])
def test_arrays_lists_and_actions_are_actions(values: Any) -> None:
    given = ForeignPolicy(Giving(values), "it").acting_in(SPACE).act({})
    assert given.values.dtype == np.float32
    np.testing.assert_array_equal(given.values, np.full(7, 0.5))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.zeros(6), r"gave an array of shape \(6,\); an action"),
        (None, "gave None;"),
        ("left", "gave 'left';"),
        (np.full(7, np.nan), "not finite"),
        (Action(np.zeros((1, 7))), r"gave an array of shape \(1, 7\)"),
        (KeyError("rgb_left"), r"its act raised KeyError: 'rgb_left' \(test_foreign_policy.py:"),
    ],
)
def test_what_is_no_action_is_a_failure_of_the_policy(values: Any, message: str) -> None:
    policy = ForeignPolicy(Giving(values), "it").acting_in(SPACE)
    policy.reset("words", 1)
    with pytest.raises(PolicyFailure, match=message):
        policy.act({})


def test_an_end_needs_no_values() -> None:
    done = ForeignPolicy(Giving(Action(None, True)), "it").acting_in(SPACE).act({})  # type: ignore[arg-type]
    assert done.terminate


def test_packages_offer_policies_by_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "stranger_package.py").write_text(GOOD)
    monkeypatch.syspath_prepend(str(folder))
    points = [EntryPoint("still", "stranger_package:Still", ENTRY_POINTS)]
    monkeypatch.setattr(extensions, "entry_points", lambda group: points)
    extensions.offers.cache_clear()
    assert open_policy("still").path == "still"
    with pytest.raises(FileNotFoundError, match="Did you mean 'still'"):
        open_policy("stil")
    points.append(EntryPoint("still", "another:Still", ENTRY_POINTS))
    points.append(EntryPoint("random", "another:Still", ENTRY_POINTS))
    extensions.offers.cache_clear()
    with pytest.raises(ValueError, match="in each of the packages stranger_package"):
        open_policy("still")
    with pytest.raises(ValueError, match="in each of the packages handeye and another"):
        open_policy("random")
    extensions.offers.cache_clear()


def test_an_object_is_found_while_it_is_lent() -> None:
    with lent(Giving(np.zeros(7))) as source:
        assert policy_source(source.path) is source
    with pytest.raises(FileNotFoundError):
        policy_source(source.path)
