from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from handeye.agents.planners.frame_tokens import TOKENS, FrameTokenizer
from handeye.agents.planners.palm_e import PalmE, PalmESize
from handeye.envs.tabletop.env import TabletopEnv
from handeye.experiments.traces.palm_e_examples import (
    PalmEExample,
    examples_of,
    name_of,
    names_absent,
    plan_of,
)
from handeye.experiments.training import train_palm_e
from handeye.experiments.training.config import TrainPalmEConfig
from handeye.experiments.training.data_parallel import Team
from handeye.experiments.training.train_palm_e import (
    PalmERecipe,
    Sentences,
    run,
    vocabulary,
)

SEED = 5


@pytest.fixture(scope="module")
def env() -> Iterator[TabletopEnv]:
    env = TabletopEnv("put_in", action_mode="ee_pose", cameras=())
    yield env
    env.close()


def test_a_scene_becomes_sentences(env: TabletopEnv) -> None:
    made = list(examples_of(env, SEED, "pick up the purple drawer"))
    assert made[0].about == "cannot"
    assert made[0].step == "done claim : cannot"
    plan = plan_of(env)
    assert plan is not None
    assert [call.name for call in plan] == ["pick", "place_in"]
    acts = [example for example in made if example.about == "act"]
    assert acts[0].step.startswith("pick target :")
    assert any(e.step.startswith("place_in container :") and "= ok" in e.prompt for e in acts)
    before, after = acts[0].rgb, made[-1].rgb
    assert before.shape == (256, 256, 3)
    again = list(examples_of(env, SEED, "pick up the purple drawer"))
    assert all((a.rgb == b.rgb).all() and a[1:] == b[1:] for a, b in zip(made, again, strict=True))
    ends = [example.rgb for example in made if example.step == "done claim : success"]
    assert (ends[0] != before).any()
    assert after.shape == before.shape


def test_names_single_things_out(env: TabletopEnv) -> None:
    env.reset(seed=SEED)
    for index, thing in enumerate(env.scene.objects):
        assert name_of(env.scene, index).endswith(f"{thing.colour} {thing.kind}")
    assert not names_absent(env.instruction, env.scene)
    assert names_absent("close the purple drawer", env.scene)
    assert not names_absent("sing", env.scene)  # not understood is not absent


def test_object_tokens_say_what_is_there(env: TabletopEnv) -> None:
    eyes = FrameTokenizer.load()
    example = next(examples_of(env, SEED, ""))
    tokens = eyes(example.rgb[None])
    assert tokens.shape == (1, TOKENS, eyes.width)
    sure = int((tokens[0, :, -1] > 0.5).sum())
    assert abs(sure - len(env.scene.objects)) <= 3
    assert torch.equal(tokens, eyes(example.rgb[None]))


@pytest.mark.slow
def test_training_writes_a_model_that_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Eyes:
        width = 3

    class NoEyes(FrameTokenizer):
        @classmethod
        def load(cls) -> Eyes:  # type: ignore[override]
            return Eyes()

    def few(eyes: Eyes, seeds: range, what: str) -> Sentences:
        frames = torch.zeros(2, 1, 3)
        return Sentences(frames, ["take it ;", "stop ;"], ["pick", "done"], ["act", "end"])

    monkeypatch.setattr(train_palm_e, "FrameTokenizer", NoEyes)
    monkeypatch.setattr(train_palm_e, "make_sentences", few)
    folder = tmp_path / "run"
    assert run(TrainPalmEConfig(folder, steps=20, batch_size=4)) == 0
    saved = folder / "checkpoints" / "last" / "pretrained_model"
    assert PalmE.load(saved).write(torch.zeros(1, 3), "stop ;") == "done"
    card = (saved / "README.md").read_text()
    assert "| steps | 20 of 20, 4 sentences each |" in card
    assert "| blind | 2 | " in card
    longer = TrainPalmEConfig(folder, steps=21, batch_size=4, resume=True)
    assert run(longer) == 0
    with pytest.raises(ValueError, match="positive"):
        run(TrainPalmEConfig(tmp_path / "none", scenes=0))


def test_a_training_that_diverges_says_so() -> None:
    data = Sentences(torch.full((1, 1, 3), torch.nan), ["take it ;"], ["pick"], ["act"])
    model = PalmE(PalmESize(vocabulary(data), 3))
    recipe = PalmERecipe(TrainPalmEConfig(steps=2, batch_size=2), data, model)
    with pytest.raises(ValueError, match="not finite; lower --learning_rate"):
        recipe.learner.step(recipe.batches(1), Team(0, 1), False)


def test_batches_go_on_where_an_earlier_session_left_them() -> None:
    data = Sentences(torch.rand(5, 1, 3), list("abcde"), list("vwxyz"), ["act"] * 5)
    config = TrainPalmEConfig(steps=9, batch_size=3)
    whole, rest = (PalmERecipe(config, data, PalmE(PalmESize(vocabulary(data), 3))) for _ in "12")
    told = [whole.batches(step)[0][1:] for step in range(1, 6)]
    assert [rest.batches(step)[0][1:] for step in (4, 5)] == told[3:]


def test_the_vocabulary_is_what_was_said() -> None:
    example = PalmEExample(np.zeros((1, 1, 3), np.uint8), "take it ;", "pick target : star", "act")
    data = Sentences(torch.zeros(1, 1, 1), [example.prompt], [example.step], ["act"])
    assert vocabulary(data)[3:] == (":", ";", "it", "pick", "star", "take", "target")
