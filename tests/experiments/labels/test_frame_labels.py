import numpy as np

from handeye.envs.tabletop.world.scene import Scene, SceneObject
from handeye.experiments.labels.frame_labels import (
    COLOUR_NAMES,
    SIZED_KINDS,
    cell_bodies,
    cell_classes,
    mask_centres,
    named_classes,
)

SCENE = Scene(
    (
        SceneObject("a", "block", "red", "small", (0.4, 0.0, 0.0), 0.0),
        SceneObject("b", "bowl", "blue", "", (0.5, 0.1, 0.0), 0.0),
    )
)


def frame() -> np.ndarray:
    segmentation = np.full((32, 32), 1, np.int32)
    segmentation[8:12, 16:24] = 2
    segmentation[0, 0:3] = 3
    segmentation[31] = -1
    return segmentation


def test_mask_centres_are_shares_of_the_frame() -> None:
    truth = mask_centres(frame(), np.array([2, 3, -1, 9]))
    np.testing.assert_allclose(truth.xy[0], [20 / 32, 10 / 32])
    assert truth.visible.tolist() == [1, 0, 0, 0]  # three pixels, none, not in the scene


def test_a_cell_holds_the_object_that_covers_it() -> None:
    bodies = cell_bodies(frame(), 4)
    assert bodies[1, 2] == 2
    assert bodies[0, 0] == -1  # too small a share
    assert (bodies == 2).sum() == 1
    kinds, colours = cell_classes(bodies, SCENE)
    assert SIZED_KINDS[kinds[1, 2] - 1] == "small block"
    assert COLOUR_NAMES[colours[1, 2] - 1] == "red"
    assert kinds.sum() == kinds[1, 2]


def test_what_the_words_name_is_allowed_and_the_rest_open() -> None:
    words = ["put", "the", "red", "cube", "in", "the", "bowl"]
    block, bowl = named_classes(SCENE, (0, 1), words, 2)
    kinds = 1 + len(SIZED_KINDS)
    allowed = {SIZED_KINDS[i - 1] for i in np.flatnonzero(block[:kinds])}
    assert allowed == {"small block", "large block"}
    assert [COLOUR_NAMES[i - 1] for i in np.flatnonzero(block[kinds:])] == ["red"]
    assert bowl[kinds:].all()  # its colour is not said
    sized = named_classes(SCENE, (0,), ["little", *words], 2)
    assert {SIZED_KINDS[i - 1] for i in np.flatnonzero(sized[0, :kinds])} == {"small block"}
    assert sized[1].all()  # nothing is referred to there
