"""Progress in a log is a few whole lines."""

import pytest

from handeye.experiments.records.progress import LINES, tracked


@pytest.mark.parametrize("total", [1, 3, 10, 95])
def test_a_log_gets_whole_lines(total: int, capsys: pytest.CaptureFixture[str]) -> None:
    what = "recording " + "many things " * 10
    assert list(tracked(iter(range(total)), what, total)) == list(range(total))
    said, told = capsys.readouterr()
    lines = told.splitlines()
    assert said == ""
    assert 1 <= len(lines) <= LINES + 1
    assert lines[-1] == f"{what}: {total} of {total}"
