"""The commands about eyes, from recordings to figures, with next to no training."""

from pathlib import Path
from typing import Any

import pytest
import torch

from handeye.agents.sight.eyes_perception import EyesPerception
from handeye.base.json_reader import read_json
from handeye.envs.core.episode_file import episode_path
from handeye.experiments.evaluation import evaluate_eyes
from handeye.experiments.evaluation.config import EvaluateEyesConfig
from handeye.experiments.evaluation.eyes_eval_frames import room_views, table_views
from handeye.experiments.labels.scene_questions import answer
from handeye.experiments.records.run_folder import write_bytes_atomic, write_json_atomic
from handeye.experiments.training import release_eyes as ship_eyes
from handeye.experiments.training import train_eyes, trainer
from handeye.experiments.training.config import TrainEyesConfig
from handeye.experiments.training.release_eyes import ShipEyesConfig
from handeye.perception.eyes.config import EyesConfig
from tests.experiments.data.test_eyes_dataset import homes
from tests.experiments.recordings import write_dataset

DEV_SEED = 2_000_000


def tiny(**changes: Any) -> EyesConfig:
    sizes = {"stem": 8, "middle": 8, "deep": 8, "blocks": 1, "width": 16, "heads": 2, "layers": 1}
    return EyesConfig(**(sizes | changes))


def settings(root: Path, **changes: Any) -> TrainEyesConfig:
    tables, rooms = write_dataset(root / "tables"), root / "homes"
    write_json_atomic(rooms / "dataset.json", {"format": "handeye-dataset-1", "settings": {}})
    for number, episode in enumerate(homes()):
        write_bytes_atomic(episode_path(rooms, number), episode.to_bytes())
    named: dict[str, Any] = {"steps": 2, "batch_size": 1, "save_every": 1, "log_every": 1}
    return TrainEyesConfig(tables, rooms, root / "run", **(named | changes))


def stop_after_saving(root: Path, keep: int) -> None:
    raise KeyboardInterrupt


def weights(root: Path) -> dict[str, torch.Tensor]:
    perception = EyesPerception.load(str(root / "run/checkpoints/last/pretrained_model"))
    return dict(perception.model.state_dict())


@pytest.mark.slow
def test_a_run_continues_as_if_never_stopped_and_can_be_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_eyes, "eyes_nano", tiny)
    whole = settings(tmp_path / "whole")
    assert train_eyes.run(whole) == 0
    parts = settings(tmp_path / "parts")

    with monkeypatch.context() as patch:
        patch.setattr(trainer, "prune_checkpoints", stop_after_saving)
        with pytest.raises(KeyboardInterrupt):
            train_eyes.run(parts)
    assert train_eyes.run(settings(tmp_path / "parts", resume=True)) == 0
    one, other = weights(tmp_path / "whole"), weights(tmp_path / "parts")
    assert all(torch.equal(one[name], other[name]) for name in one)

    output = tmp_path / "eyes.json"
    folder = str(whole.output_dir / "checkpoints/last/pretrained_model")
    config = EvaluateEyesConfig(folder, frames=1, seed=DEV_SEED, result=output)
    assert evaluate_eyes.run(config) == 0
    figures = read_json(output, Any)["figures"]
    assert set(figures) == {"table seen", "table combination", "room unseen"}
    assert figures["table seen"]["eyes"]["rates"]["refer Acc@0.5"]["n"] >= 1
    assert "refer Acc@0.5" not in figures["table seen"]["blind"]["rates"]

    monkeypatch.setattr(ship_eyes, "SHIPPED", tmp_path / "shipped")
    shipping = ShipEyesConfig(whole.output_dir, frames=2, evaluation=output)
    assert ship_eyes.run(shipping) == 0
    shipped = tmp_path / "shipped" / "handeye-eyes"
    assert "refer Acc@0.5" in (shipped / "README.md").read_text()
    heats = EyesPerception.load(str(shipped)).model.config
    for heat in (heats.match_temperature, heats.answer_temperature):
        assert ship_eyes.COLDEST <= heat <= ship_eyes.HOTTEST


def test_the_fitted_temperature_is_the_best() -> None:
    assert ship_eyes.fitted(lambda heat: (heat - 1.7) ** 2) == pytest.approx(1.7, abs=1e-3)


def test_settings_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        train_eyes.run(TrainEyesConfig(tmp_path, tmp_path, tmp_path / "run", steps=0))
    with pytest.raises(ValueError, match="multiple of --workers"):
        train_eyes.run(TrainEyesConfig(tmp_path, tmp_path, tmp_path / "run", workers=3))
    with pytest.raises(FileNotFoundError):
        EyesPerception.load(str(tmp_path / "nowhere"))


def test_views_hold_what_is_asked_about() -> None:
    (view,) = table_views("combination", 1, DEV_SEED)
    assert view.observation["rgb_front"].shape == (256, 256, 3)
    assert any(view.is_held_out(index) for index in range(len(view.facts.things)))
    asked = list(evaluate_eyes.questions(view))
    assert {"refer", "presence positive", "vqa count"} <= {group for group, _ in asked}
    assert all(answer(question, view.facts) != "nothing" for _, question in asked)
    dark = evaluate_eyes.without_picture(view)
    assert not dark["rgb_front"].any()
    assert "depth_front" not in dark
    (home,) = room_views("unseen", 1, DEV_SEED)
    assert home.world == "room"
    assert home.goal is None
