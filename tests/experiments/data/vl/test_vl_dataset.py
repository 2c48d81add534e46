"""`handeye collect --data vl`: the same whatever the workers, resumed, read, sampled and drawn."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from handeye.envs.core.episode_file import list_episodes
from handeye.experiments import cli
from handeye.experiments.data.collect import plan, run
from handeye.experiments.data.config import CollectConfig
from handeye.experiments.data.vl.kinds import ABOUT_A_FRAME, KINDS
from handeye.experiments.data.vl.record import record_bytes
from handeye.experiments.data.vl.vl_dataset import VlDataset, list_records, read_record
from tests.experiments.data.vl.shown import FRAMES, homes, tables


def config(root: Path, **more: object) -> CollectConfig:
    settings = {
        "data": "vl",
        "suite": "move_drawer",
        "episodes": 2,
        "frames": 3,
        "workers": 0,
        "output_dir": root,
        **more,
    }
    return CollectConfig(**settings)  # type: ignore[arg-type]


def files(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in (*list_episodes(root), *list_records(root))
    }


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made by the command."""
    folder = tmp_path_factory.mktemp("vl") / "data"
    flags = "--data vl --suite move_drawer --episodes 2 --frames 3 --workers 0 --output_dir"
    assert cli.main(["collect", *flags.split(), str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def data(root: Path) -> VlDataset:
    return VlDataset.load(root)


@pytest.mark.heavy
def test_workers_make_the_same_files(root: Path, tmp_path: Path) -> None:
    assert run(config(tmp_path / "2", workers=2)) == 0
    assert files(tmp_path / "2") == files(root)


@pytest.mark.slow
def test_gaps_are_filled_and_more_is_added(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    assert run(config(folder)) == 0
    whole = files(folder)
    assert whole == files(root)
    list_records(folder)[0].unlink()
    list_episodes(folder)[-1].unlink()
    assert run(config(folder, resume=True)) == 0
    assert files(folder) == whole
    with pytest.raises(ValueError, match="frames"):
        run(config(folder, resume=True, frames=4))
    with pytest.raises(ValueError, match="--data was 'vl', is 'episodes'"):
        run(config(folder, resume=True, data="episodes"))


def test_every_kind_is_there(data: VlDataset) -> None:
    assert Counter(one.kind for one in data.examples).keys() == set(KINDS)
    assert len(data) == len(data.examples)


def test_the_card_counts_what_is_there(root: Path, data: VlDataset) -> None:
    card = (root / "README.md").read_text()
    assert f"{len(data)} examples about 2 episodes" in card
    assert "| licence | Apache-2.0 |" in card
    assert "yes 50%, no 50%" in card
    assert "Franka" in card
    reds = sum(
        thing.colour == "red"
        for one in data.examples
        for name in one.bodies
        for thing in one.frames[-1].things
        if thing.name == name
    )
    assert f"| red | {reds} |" in card or not reds


def test_frames_are_drawn_once_with_their_masks(data: VlDataset) -> None:
    places = data.of_kind("refer")
    drawn = data.draw(places, 256)
    assert drawn.rgb.dtype == np.uint8
    assert drawn.rgb.shape == (
        len({f for p in places for f in data.examples[p].frames}),
        256,
        256,
        3,
    )
    for number, place in enumerate(places):
        one = data.examples[place]
        for name, box in zip(one.bodies, one.boxes, strict=True):
            assert drawn.box(number, name) == box


def test_looks_change_and_things_stay(data: VlDataset) -> None:
    places = data.sample(np.random.default_rng(0), "dense_caption", 4)
    plain, other = data.draw(places, 64), data.draw(places, 64, np.random.default_rng(1))
    again = data.draw(places, 64, np.random.default_rng(1))
    assert np.array_equal(other.rgb, again.rgb)
    assert not np.array_equal(plain.rgb, other.rgb)
    boxes = [
        (plain.box(n, name), other.box(n, name))
        for n, place in enumerate(places)
        for name in data.examples[place].bodies
    ]
    near = [np.abs(np.subtract(a, b)).max() for a, b in boxes if a is not None and b is not None]
    assert max(near) < 0.1


def test_another_camera_sees_the_same_things_elsewhere(data: VlDataset) -> None:
    place = next(p for p in data.of_kind("refer") if data.examples[p].frames[0].camera == "front")
    front, above = data.draw([place], 64), data.draw([place], 64, camera="overhead")
    assert not np.array_equal(front.rgb, above.rgb)
    assert front.masks[0].keys() == above.masks[0].keys()
    with pytest.raises(ValueError, match="cameras"):
        data.draw([place], 64, camera="wrist")
    with pytest.raises(ValueError, match="1 to 4096 px"):
        data.draw([place], 0)


def test_matters_and_answers_are_drawn_evenly(data: VlDataset) -> None:
    places = data.sample(np.random.default_rng(0), "vqa", 2000)
    matters = Counter(data.examples[place].about for place in places)
    kinds = {data.examples[place].about for place in data.of_kind("vqa")}
    assert set(matters) == kinds
    assert max(matters.values()) < 1.5 * min(matters.values())


def test_what_is_asked_for_wrongly_is_named(data: VlDataset, root: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="caption"):
        data.sample(np.random.default_rng(0), "captions", 1)
    with pytest.raises(ValueError, match="seeds of training, and examples of selection"):
        VlDataset.load(root, use="selection")
    with pytest.raises(FileNotFoundError, match="no dataset"):
        VlDataset.load(tmp_path)
    few = VlDataset(data.examples[:1], [root])
    with pytest.raises(ValueError, match="collect more"):
        few.sample(np.random.default_rng(0), "speech", 1)


def test_a_damaged_file_is_named(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "0000000.json"
    whole = list_records(root)[0].read_text()
    path.write_text(whole[:-20])
    with pytest.raises(ValueError, match=r"0000000\.json is not valid JSON"):
        read_record(path)
    path.write_text(whole.replace("handeye-vl-1", "handeye-vl-9"))
    with pytest.raises(ValueError, match="handeye-vl-9"):
        read_record(path)


def test_held_out_examples_have_seeds_of_their_own(tmp_path: Path) -> None:
    more = {"suite": "put_in", "split": "combination"}
    with pytest.raises(ValueError, match="add --seed 900000"):
        plan(config(tmp_path, **more))
    assert plan(config(tmp_path, seed=900_000, **more))[0].seed == 900_000
    assert plan(config(tmp_path, seed=900_000))[0].frames == 3
    with pytest.raises(ValueError, match="Seeds of training"):
        plan(config(tmp_path, seed=900_000, data="episodes"))
    with pytest.raises(ValueError, match="2 or more"):
        plan(config(tmp_path, frames=1))


@pytest.mark.slow
def test_a_record_depends_on_the_file_alone(tmp_path: Path) -> None:
    for episode in (tables()[1], homes()[0]):
        path = tmp_path / "episode.safetensors"
        path.write_bytes(episode.to_bytes())
        read = type(episode).load(path)
        assert record_bytes(read, 0, FRAMES) == record_bytes(episode, 0, FRAMES)


def test_kinds_about_frames_are_kinds() -> None:
    assert set(ABOUT_A_FRAME) < set(KINDS)
