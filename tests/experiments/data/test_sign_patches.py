"""Patches of signs with words that nobody bears."""

from itertools import pairwise

import numpy as np
import pytest

from handeye.envs.rooms.registry import ROOMS
from handeye.envs.rooms.scene.scene import RoomScene
from handeye.envs.rooms.tasks.follow_sign import NAMES
from handeye.experiments.data.sign_patches import (
    LONGEST,
    SHORTEST,
    SIGNS,
    VIEWS,
    draw_signs,
    made_up_word,
)
from handeye.perception.signs.reader import LETTERS, letters_of
from handeye.perception.signs.view import PATCH_COLUMNS, PATCH_ROWS


def scene() -> RoomScene:
    return ROOMS.make_task("follow_sign").draw_scene(np.random.default_rng(3), "seen")[0]


@pytest.mark.slow
def test_patches_show_ink_and_are_a_function_of_the_generator() -> None:
    one, same, other = (draw_signs(np.random.default_rng(s), scene(), 1.0) for s in (5, 5, 6))
    assert 1 <= len(one.words) <= SIGNS * VIEWS
    assert one.patches.shape == (len(one.words), PATCH_ROWS, PATCH_COLUMNS)
    assert one.words == same.words
    assert (one.patches == same.patches).all()
    assert one.words != other.words
    assert (one.patches.std((1, 2)) > 0.5).all()


def test_words_are_made_up_of_all_letters() -> None:
    rng = np.random.default_rng(0)
    words = [made_up_word(rng) for _ in range(2000)]
    assert {letter for word in words for letter in word} == set(LETTERS)
    assert {len(word) for word in words} == set(range(SHORTEST, LONGEST + 1))
    assert all(letters_of(word) == word for word in words)
    assert any(a == b for word in words for a, b in pairwise(word))
    names = {name for split in NAMES.values() for name in split.split()}
    assert len(names.intersection(words)) < 10  # by chance alone


def test_an_apartment_without_signs_gives_no_patches() -> None:
    bare = scene()
    home = bare.apartment
    without = RoomScene(
        type(home)(home.rooms, home.doors, home.furniture, ()),
        bare.start,
    )
    batch = draw_signs(np.random.default_rng(0), without, 1.0)
    assert batch.words == []
    assert batch.patches.shape == (0, PATCH_ROWS, PATCH_COLUMNS)
