import numpy as np
import pytest

from handeye.envs.tabletop.world.language import descriptions
from handeye.envs.tabletop.world.palette import HELD_OUT
from handeye.envs.tabletop.world.scene import Scene, SceneObject
from handeye.experiments.data.augmentation import (
    CONTENT_WORDS,
    recolour,
    recolouring,
    vary_words,
)
from handeye.perception.encoders.text import UNKNOWN
from tests.experiments.recordings import recordings


@pytest.mark.slow
def test_recoloured_scenes_hold_no_held_out_pair_and_stay_unambiguous() -> None:
    rng, changed = np.random.default_rng(0), 0
    for episode in recordings():
        for _ in range(30):
            renamed = recolouring(episode.scene, rng)
            scene = recolour(episode.scene, renamed)
            changed += scene != episode.scene
            assert not any((o.kind, o.colour) in HELD_OUT for o in scene.objects)
            for index in range(len(scene.objects)):
                before, after = descriptions(episode.scene, index), descriptions(scene, index)
                assert len(before) == len(after)
    assert changed > 60


def test_a_scene_that_no_permutation_saves_is_left_as_it_is() -> None:
    kind, colour = next(iter(HELD_OUT))
    held_out = tuple(
        SceneObject(f"{i}", kind, c, "", (0.4, 0.1 * i, 0.0), 0.0)
        for i, c in enumerate(recolouring(Scene(()), np.random.default_rng(0)))
    )
    assert any(o.colour == colour for o in held_out)
    renamed = recolouring(Scene(held_out), np.random.default_rng(1))
    assert all(name == same for name, same in renamed.items())


def test_the_words_that_decide_are_never_left_out() -> None:
    words = ["please", "put", "the", "small", "red", "block", "left", "of", "the", "blue", "bowl"]
    rng = np.random.default_rng(0)
    kept = [w for w in words if w in CONTENT_WORDS]
    lengths = set()
    for _ in range(50):
        varied = vary_words(words, rng, drop=0.5, insert=0.2, hide=0.0)
        lengths.add(len(varied))
        assert [w for w in varied if w in CONTENT_WORDS] == kept
    assert len(lengths) > 3
    assert vary_words(words, rng, drop=0.0, insert=0.0, hide=0.0) == words


def test_now_and_then_a_word_that_decides_is_unknown() -> None:
    words = ["push", "the", "red", "block", "into", "the", "zone"]
    rng = np.random.default_rng(0)
    varied = [vary_words(words, rng, drop=0.0, insert=0.0, hide=0.2) for _ in range(200)]
    hidden = {w for v in varied for w, was in zip(v, words, strict=True) if w != was}
    assert hidden == {UNKNOWN}
    assert 100 < sum(v.count(UNKNOWN) for v in varied) < 300  # of five words that decide
    assert all(v[1] == v[5] == "the" for v in varied)


def test_the_words_that_tell_the_drawers_ways_apart_are_kept() -> None:
    assert {"open", "close", "shut", "pull", "push"} <= CONTENT_WORDS
