"""`handeye list` knows every registered name and says something about each."""

from typing import Any

import pytest

from handeye.base.json_reader import read_json
from handeye.envs.suites import WORLDS
from handeye.experiments.actors.load_policy import BASELINES
from handeye.experiments.config import ListConfig
from handeye.experiments.list_suites import CATALOGUE, run
from handeye.experiments.records.markdown import insert
from handeye.experiments.showcase.catalogue import (
    BEGIN,
    END,
    PAGE,
    command_table,
    sections,
    summary,
)


def test_every_name_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(ListConfig()) == 0
    text = capsys.readouterr().out
    for world in WORLDS:
        assert all(name in text for name in (*world.suites, *world.tasks, *world.splits))
    assert all(name in text for name in (*BASELINES, "nano"))


def test_the_file_is_what_the_registries_say() -> None:
    shipped = read_json(CATALOGUE, dict[str, Any])
    written = {title: [tuple(row) for row in rows] for title, rows in shipped.items()}
    now = {title: [tuple(row) for row in rows] for title, rows in sections().items()}
    assert written == now, "write it anew: python -m handeye.experiments.showcase.catalogue"


def test_the_page_of_commands_is_what_the_commands_say() -> None:
    text = PAGE.read_text()
    now = insert(text, command_table(), BEGIN, END)
    assert text == now, "write it anew: python -m handeye.experiments.showcase.catalogue"


def test_meanings_show_no_name_of_the_code() -> None:
    rows = [meaning for shown in sections().values() for _, meaning in shown]
    assert not [meaning for meaning in rows if "`" in meaning or "_M" in meaning]
    assert sum("within 1 m" in meaning for meaning in rows) == 4


def test_the_classical_baseline_says_what_it_is() -> None:
    meanings = dict(sections()["policies (--policy.path)"])
    assert "classical" in meanings["frontier"]
    assert "detector from truth" in meanings["frontier"]


def test_every_name_has_a_meaning() -> None:
    assert all(meaning for rows in sections().values() for _, meaning in rows)


def test_summary_is_the_first_sentence() -> None:
    def documented() -> None:
        """Do one thing
        well.

        Not shown.
        """

    assert summary(documented) == "do one thing well"
