"""The demo is an evaluation with fewer questions."""

from pathlib import Path

import pytest

from handeye.experiments.config import DemoConfig
from handeye.experiments.demo import ROOMS_POLICY, run
from handeye.experiments.evaluation.config import PolicyFlags
from handeye.experiments.pictures.video import decode_mp4


@pytest.mark.heavy
def test_demo_prints_the_table_and_where_the_report_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = DemoConfig(PolicyFlags("oracle"), tmp_path / "demo", "reach", episodes=1, workers=0)
    assert run(config) == 0
    printed = capsys.readouterr().out
    assert "macro mean" in printed
    assert (tmp_path / "demo" / "report.html").exists()
    assert "report.html" in printed
    (clip,) = (tmp_path / "demo" / "videos").glob("rooms_*.mp4")
    assert str(clip) in printed
    assert "(oracle: solved, double speed)" in printed or ROOMS_POLICY in printed
    assert len(decode_mp4(clip.read_bytes())) > 50
    assert "an agent:" in printed
    assert (tmp_path / "demo" / "agent" / "transcript.html").exists()
    assert (tmp_path / "demo" / "agent" / "video.mp4").exists()
