from pathlib import Path

import cv2
import pytest

from handeye.experiments import run_agent
from handeye.experiments.config import AgentConfig
from handeye.experiments.showcase.agent_page import BEGIN, END, AgentPageConfig, run


@pytest.mark.slow
def test_a_run_becomes_a_table_with_frames(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    plain = {"agent": "scripted", "tools": "truth", "foresee": False}
    run_agent.run(AgentConfig("", folder, task="press_button", seed=2_000_000, **plain))
    page, pictures = tmp_path / "agents.md", tmp_path / "pictures" / "agent"
    page.write_text(f"# Agents\n\n{BEGIN}\nold\n{END}\n\nAfter.\n")
    pictures.mkdir(parents=True)
    (pictures / "09.jpg").write_bytes(b"of an older run")
    config = AgentPageConfig(folder / "transcript.html", page, pictures)
    assert run(config) == 0
    text = page.read_text()
    assert "old" not in text.split("After.")[0].replace("hold", "")
    assert "`press(button=" in text
    assert ": solved)" in text
    assert text.count("![](pictures/agent/") == 2
    assert sorted(path.name for path in pictures.iterdir()) == ["00.jpg", "01.jpg"]
    assert cv2.imread(str(pictures / "01.jpg")).shape == (160, 160, 3)
    bare = folder / "bare.html"
    bare.write_text("<p>no frames</p>")
    (folder / "bare.jsonl").write_text((folder / "transcript.jsonl").read_text())
    with pytest.raises(ValueError, match="0 frames for 1 calls"):
        run(AgentPageConfig(bare, page, pictures))
