"""`handeye score`: measures by hand, and a family that has learned nothing."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handeye.base.json_reader import read_json
from handeye.experiments import cli
from handeye.experiments.data.exchanges import texts_of
from handeye.experiments.data.vl.examples import Frame, SeenThing
from handeye.experiments.data.vl.vl_dataset import VlDataset
from handeye.experiments.records.checkpoints import save_policy
from handeye.experiments.scores.boxes import first_box, overlap
from handeye.experiments.scores.captions import chair, things_named
from handeye.experiments.scores.retrieval import recalls
from handeye.perception.families.vocabulary import Vocabulary
from handeye.policies.families.config import tiny
from handeye.policies.families.model import FamilyPolicy
from handeye.policies.families.processor import FamilyPolicyProcessor

BOX = (0.0, 0.0, 1.0, 1.0)


def frame(camera: str = "front") -> Frame:
    things = (
        SeenThing("a", "block", "red", "small", "", BOX, 1.0),
        SeenThing("b", "bowl", "blue", "", "", BOX, 1.0),
    )
    return Frame(0, 0, camera, 0.0, "", things)


def test_what_a_caption_names_is_read_and_what_is_not_there_counted() -> None:
    said = "a table with a small red cube, a blue bowl and a green star"
    assert things_named(said, frame()) == [("block", "red"), ("bowl", "blue"), ("star", "green")]
    assert things_named("a red table", frame("ego")) == [("table", "red")]
    assert things_named("the red block is left of the blue bowl", frame()) == [
        ("block", "red"),
        ("bowl", "blue"),
    ]
    found = chair([said, "a red block", "four things are in view"], [frame()] * 3)
    assert (found["chair_i"]["k"], found["chair_i"]["n"]) == (1, 4)
    assert found["chair_s"]["k"] == 1


def test_boxes_are_read_and_compared() -> None:
    assert first_box("nothing") is None
    assert first_box("<box><loc_0><loc_255></box>") == (1 / 32, 1 / 32, 31 / 32, 31 / 32)
    assert overlap((0, 0, 0.5, 1), (0.25, 0, 0.75, 1)) == pytest.approx(1 / 3)
    assert overlap((0, 0, 0.1, 0.1), (0.5, 0.5, 1, 1)) == 0


def test_a_tie_is_no_find() -> None:
    scores = np.array([[2.0, 1.0, 0.0], [0.0, 1.0, 1.0], [3.0, 2.0, 1.0]], np.float32)
    found = recalls("x", scores)
    assert (found["x_r1"]["k"], found["x_r5"]["k"]) == (1, 3)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vl") / "data"
    flags = "--data vl --suite move_drawer --episodes 1 --frames 2 --workers 0 --seed 900000"
    assert cli.main(["collect", *flags.split(), "--output_dir", str(folder)]) == 0
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("family", ["kosmos2", "clip"])
def test_who_has_learned_nothing_is_measured_beside_who_never_looks(
    family: str, root: Path, tmp_path: Path
) -> None:
    words = Vocabulary.train(texts_of(VlDataset.load(root, use="selection"))).words
    config = tiny(family, vocabulary=len(words))
    processor = FamilyPolicyProcessor(words, config.max_words, config.px, config.px)
    save_policy(tmp_path / "policy", FamilyPolicy(config), processor, "card")
    flags = ["--policy.path", str(tmp_path / "policy"), "--vl", str(root), "--examples", "8"]
    for name in ("one", "two"):
        assert cli.main(["score", *flags, "--result", str(tmp_path / name)]) == 0
    one, two = (read_json(tmp_path / name, dict[str, Any])["figures"] for name in ("one", "two"))
    assert one == two
    if family == "clip":
        assert one.keys() == {"retrieval"}
        assert one["retrieval"]["image_of_text_r1"]["n"] == one["retrieval"]["scenes"] > 0
    else:
        assert one.keys() == {"questions", "places", "captions"}
        assert one["questions"]["blind"]["k"] > 0
        assert one["places"]["pointing"]["n"] == 8


def test_what_is_no_family_is_refused(root: Path) -> None:
    assert cli.main(["score", "--policy.path", "random", "--vl", str(root)]) == 2
