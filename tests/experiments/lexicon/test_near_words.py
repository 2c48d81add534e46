"""Which trained words are near to which unknown ones, and the table that is shipped."""

import json
from pathlib import Path

import pytest

import handeye.experiments.lexicon.near_words as maker
from handeye.experiments.checks.held_out_words import training_words
from handeye.experiments.lexicon.near_words import (
    MOST_NEAR,
    NearWordsConfig,
    definition_words,
    near_words,
    run,
)
from handeye.experiments.lexicon.senses import SENSES
from handeye.experiments.lexicon.wordnet import read_wordnet
from handeye.perception.encoders.near_words import TABLE
from tests.experiments.lexicon.lexicon_files import write_database


def test_the_graph_and_the_definition_both_lead_to_a_trained_word(tmp_path: Path) -> None:
    wordnet = read_wordnet(write_database(tmp_path))
    near = near_words(wordnet, {"dish": ("n1",), "large": ("a1",), "put": ()}, {"dish", "large"})
    assert near == {
        "platter": ("dish",),  # one step down, and defined as a dish
        "big": ("large",),  # the same synset
        "huge": ("large",),  # similar
    }


def test_a_definition_tells_the_genus_from_the_rest() -> None:
    genus, mentioned = definition_words("a cup (usually without a handle) for wines", "n")
    assert genus == {"cup"}
    assert {"handle", "wine"} <= mentioned
    assert definition_words("put, fix, or force; raise with care", "v")[0] == {"put", "raise"}


def test_a_database_that_lacks_a_trained_sense_writes_nothing(tmp_path: Path) -> None:
    result = tmp_path / "near.json"
    with pytest.raises(ValueError, match="no sense n1 of 'block'; it has 0"):
        run(NearWordsConfig(write_database(tmp_path), result))
    assert not result.exists()


def test_the_command_writes_one_word_a_line_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maker, "SENSES", {"dish": ("n1",), "large": ("a1",)})
    result = tmp_path / "near.json"
    assert run(NearWordsConfig(write_database(tmp_path), result)) == 0
    assert list(json.loads(result.read_text())) == ["huge", "platter"]
    assert result.read_text().count("\n") == 4


def test_the_shipped_table_leads_to_trained_words_and_holds_none() -> None:
    table = json.loads(TABLE.read_text())
    assert list(table) == sorted(table)
    assert not table.keys() & training_words()
    known = {word.partition("_")[0] for word in SENSES}
    assert all(0 < len(near) <= MOST_NEAR and set(near) <= known for near in table.values())
