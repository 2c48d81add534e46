from pathlib import Path

import numpy as np
import pytest
import torch

from handeye.agents.core.conversation import Image, ToolCall
from handeye.agents.core.planner import Done, Step
from handeye.agents.core.tools import ToolResult
from handeye.agents.planners.palm_e import (
    MAX_WORDS,
    SPECIALS,
    PalmE,
    PalmESize,
    call_words,
    fit,
    prompt_of,
    read_call_words,
)
from handeye.agents.planners.palm_e_planner import PalmEPlanner

WORDS = (*SPECIALS, "the", "star", "red", "blue", "take", "pick", "target", ":", ";")
PICK = ToolCall("pick", {"target": "red star"}, "call_2")


def tiny() -> PalmE:
    torch.manual_seed(0)
    return PalmE(PalmESize(WORDS, frame_width=4, width=32, layers=2, heads=2))


def test_calls_are_words_and_back() -> None:
    beside = ToolCall("place_beside", {"reference": "red cup", "side": "left"}, "c")
    assert call_words(beside) == "place_beside reference : red cup , side : left"
    assert read_call_words(call_words(beside), "c") == beside
    assert read_call_words("look", "c") == ToolCall("look", {}, "c")
    assert "is no call" in read_call_words("pick target", "c").problem
    assert "is no call" in read_call_words("", "c").problem


def test_a_prompt_holds_the_words_and_the_steps() -> None:
    steps = [Step(PICK, ToolResult(False, "nothing"))]
    assert prompt_of("Take the star.", steps) == (
        "take the star ; pick target : red star = failed ;"
    )
    long = list(range(500))
    assert fit(long)[:1] + fit(long)[-1:] == [0, 499]
    assert len(fit(long)) == MAX_WORDS
    assert fit([1, 2]) == [1, 2]


@pytest.mark.slow
def test_it_learns_to_name_what_the_frame_shows() -> None:
    model = tiny()
    frames = torch.tensor([[[1.0, 0, 0, 0]], [[0, 1.0, 0, 0]]])  # a red star, a blue star
    prompts = ["take the star ;"] * 2
    steps = ["pick target : red star", "pick target : blue star"]
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(60):
        loss = model.loss(frames, prompts, steps).mean
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert [model.eval().write(frame, prompts[0]) for frame in frames] == steps


def test_padding_changes_nothing() -> None:
    model = tiny().eval()
    frames = torch.ones(2, 1, 4)
    one = model.loss(frames[:1], ["take ;"], ["pick"]).mean
    both = model.loss(frames, ["take ;"] * 2, ["pick"] * 2).mean
    assert one.item() == pytest.approx(both.item(), abs=1e-5)
    assert model.encode("take the unicorn") == [WORDS.index("take"), WORDS.index("the"), 1]


def test_a_folder_holds_the_model(tmp_path: Path) -> None:
    model = tiny().eval()
    model.save(tmp_path / "m", "# card")
    again = PalmE.load(tmp_path / "m")
    frame = torch.ones(1, 4)
    assert again.size == model.size
    assert again.write(frame, "take the star ;") == model.write(frame, "take the star ;")
    (tmp_path / "m" / "model.safetensors").write_bytes(b"x")
    for folder in (tmp_path / "m", tmp_path / "none"):
        with pytest.raises(ValueError, match="handeye train-palm-e"):
            PalmE.load(folder)


def seen() -> ToolResult:
    return ToolResult(True, "empty", Image(np.zeros((8, 8, 3), np.uint8)))


def test_the_planner_looks_before_each_step_but_after_reaching() -> None:
    heard: list[str] = []

    def write(frame: np.ndarray, words: str) -> str:
        assert frame.shape == (8, 8, 3)
        heard.append(words)
        return "done claim : success" if "= ok" in words else "reach target : red star"

    planner = PalmEPlanner(write)
    planner.reset("go to the star", (), 0)
    look = planner.next_call([])
    assert isinstance(look, ToolCall)
    history = [Step(look, seen())]
    reach = planner.next_call(history)
    assert reach == ToolCall("reach", {"target": "red star"}, "call_2")
    planner.next_call([*history, Step(reach, ToolResult(False, "no"))])
    assert heard[-1].endswith("= failed ;")
    history.append(Step(reach, ToolResult(True, "there")))
    assert planner.next_call(history) == Done("success")
    assert heard[0] == "go to the star ;"


def test_without_a_picture_it_gives_up() -> None:
    planner = PalmEPlanner(lambda frame, words: "look")
    planner.reset("go", (), 0)
    blind = Step(ToolCall("look", {}, "1"), ToolResult(True, "empty"))
    assert planner.next_call([blind]) == Done("failure", "there is no picture to plan from")
