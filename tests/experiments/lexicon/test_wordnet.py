"""Reading a WordNet database of six synsets, in the files' own format."""

from pathlib import Path

import pytest

from handeye.experiments.lexicon.wordnet import SynsetId, read_wordnet
from tests.experiments.lexicon.lexicon_files import write_database


def test_synsets_have_words_definition_and_pointers(tmp_path: Path) -> None:
    wordnet = read_wordnet(write_database(tmp_path))
    dish = wordnet.synsets[SynsetId("n", "00000002")]
    assert dish.words == ("dish", "serving_dish")
    assert dish.definition == "crockery"  # Its example is left out.
    assert dish.pointers == (("~", SynsetId("n", "00000003")),)


def test_adjectives_lose_their_marker_and_satellites_count_as_adjectives(tmp_path: Path) -> None:
    wordnet = read_wordnet(write_database(tmp_path))
    assert wordnet.synsets[SynsetId("a", "00000001")].words == ("large", "big")
    tiny = wordnet.synsets[SynsetId("a", "00000002")]
    assert tiny.pointers == (("&", SynsetId("a", "00000001")),)


def test_odds_of_senses_follow_the_tagged_texts(tmp_path: Path) -> None:
    odds = read_wordnet(write_database(tmp_path)).senses["platter"]
    assert sum(odds.values()) == pytest.approx(1.0)
    assert odds[SynsetId("n", "00000003")] == pytest.approx(8.5 / 9.0)  # 8 uses of one, 0 of one


def test_a_sense_that_is_not_there_is_named(tmp_path: Path) -> None:
    wordnet = read_wordnet(write_database(tmp_path))
    assert wordnet.sense("platter", "v1") == SynsetId("v", "00000001")
    with pytest.raises(ValueError, match="no sense n2 of 'dish'; it has 1"):
        wordnet.sense("dish", "n2")


def test_a_folder_without_a_database_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="apt install wordnet-base"):
        read_wordnet(tmp_path)
