"""`handeye list` knows every registered name and says something about each."""

import pytest

from handeye.envs.tasks import SPLITS, SUITES, TASKS
from handeye.experiments.list_suites import ListConfig, run, sections, summary
from handeye.experiments.load_policy import BASELINES


def test_every_name_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(ListConfig()) == 0
    text = capsys.readouterr().out
    assert all(name in text for name in (*SUITES, *TASKS, *SPLITS, *BASELINES, "nano"))


def test_every_name_has_a_meaning() -> None:
    assert all(meaning for rows in sections().values() for _, meaning in rows)


def test_summary_is_the_first_sentence() -> None:
    def documented() -> None:
        """Do one thing
        well.

        Not shown.
        """

    assert summary(documented) == "do one thing well"
