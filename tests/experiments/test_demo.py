"""The demo is an evaluation with fewer questions."""

from pathlib import Path

import pytest

from handeye.experiments.demo import DemoConfig, run
from handeye.experiments.evaluate import PolicyFlags


def test_demo_prints_the_table_and_where_the_report_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = DemoConfig(PolicyFlags("oracle"), tmp_path / "demo", "reach", episodes=1, workers=0)
    assert run(config) == 0
    printed = capsys.readouterr().out
    assert "macro mean" in printed
    assert (tmp_path / "demo" / "report.html").exists()
    assert "report.html" in printed
