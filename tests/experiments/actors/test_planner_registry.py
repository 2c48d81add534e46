import numpy as np
import pytest

from handeye.agents.planners.affordance import SHIPPED
from handeye.agents.planners.palm_e import CHECKPOINT
from handeye.envs.suites import make_suite_env
from handeye.experiments.actors.planner_registry import STYLES, Making, style_of
from tests.agents.builders import ToldModel

TRAINED = {"palm-e": CHECKPOINT, "saycan": SHIPPED}  # what a style cannot do without


@pytest.mark.parametrize("name", STYLES)
def test_every_style_builds_a_planner_that_says_what_it_is(name: str) -> None:
    style = STYLES[name]
    made = Making(ToldModel() if style.asks else None, np.random.default_rng(0), None)  # type: ignore[arg-type]
    if name in TRAINED and not TRAINED[name].exists():
        with pytest.raises(ValueError, match="handeye train-"):
            style.build(made)
        return
    env = make_suite_env("put_in", action_mode="ee_pose", cameras=())
    planner = style.build(Making(ToldModel(), np.random.default_rng(0), env))
    assert planner.planner_id
    assert style.summary
    assert ("told" in planner.planner_id) == style.asks  # which model, where one is asked


@pytest.mark.parametrize(
    ("name", "llm", "expected"),
    [
        ("reakt", "", "Did you mean 'react'"),
        ("react", "", "name one with --llm"),
        ("scripted", "openai:x", "asks no language model"),
    ],
)
def test_what_does_not_fit_is_refused(name: str, llm: str, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        style_of(name, llm)


def test_what_fits_is_found() -> None:
    assert style_of("react", "openai:x") is STYLES["react"]
    assert style_of("scripted", "") is STYLES["scripted"]
