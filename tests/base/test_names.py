"""Typo-tolerant look-up."""

import pytest

from handeye.base.names import UnknownName, look_up, unknown_name_message

SUITES = {"tabletop-core": 1, "tabletop-long": 2, "home": 3}


def test_known_names_are_found() -> None:
    assert look_up("suite", "home", SUITES) == 3


@pytest.mark.parametrize("typo", ["tabletop-cor", "Tabletop_Core", "tabletop core", "tabletopcore"])
def test_near_names_are_suggested(typo: str) -> None:
    with pytest.raises(UnknownName, match=r"unknown suite .*Did you mean 'tabletop-core'"):
        look_up("suite", typo, SUITES)


def test_far_names_get_the_whole_list() -> None:
    message = unknown_name_message("suite", "zzz", SUITES)
    assert message == "unknown suite 'zzz'. There are: home, tabletop-core, tabletop-long."
    assert unknown_name_message("policy", "x", []).endswith("There are: none.")


@pytest.mark.parametrize("name", ["nano", "NANO"])
def test_a_part_of_a_name_finds_the_whole(name: str) -> None:
    known = ["oracle", "random", "blind", "handeye-nano", "handeye-rooms-nano"]
    message = unknown_name_message("policy", name, known)
    assert message.endswith("Did you mean 'handeye-nano' or 'handeye-rooms-nano'?")
