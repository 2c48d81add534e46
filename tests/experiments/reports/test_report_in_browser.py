"""The report in a real Chromium: at 390 px nothing is cut off, and the dark is dark."""

import html
import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from handeye.experiments.evaluation.agent_summary import agent_summary
from handeye.experiments.evaluation.navigation_summary import navigation_summary
from handeye.experiments.reports.report import render_report
from tests.experiments.evaluation.test_agent_summary import AGENT, EPISODE
from tests.experiments.reports.test_report import FAILED, SOLVED, WALKED, WRONG, info

__all__ = ["info"]  # The fixture of the other tests.

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium; apt-get install chromium"),
]
MEASURE = """<script>
for (const folded of document.querySelectorAll("details")) folded.open = true;
const wide = innerWidth, cut = [];
for (const one of document.querySelectorAll("main *")) {
  const box = one.getBoundingClientRect();
  const out = box.right > wide + 1 || box.left < -1;
  if (box.width > 2 && out) cut.push(one.tagName + " " + one.className);
}
const style = getComputedStyle(document.body);
parent.document.title = JSON.stringify({wide, scroll: document.documentElement.scrollWidth, cut,
  background: style.backgroundColor, ink: style.color});
</script>"""


def measured(page: str, folder: Path, width_px: int, *, dark: bool = False) -> dict[str, Any]:
    """Return what a script of the page finds out about its layout.

    The page stands in a frame of that width, since no window is narrower than 500 px.
    """
    file = folder / "page.html"
    framed = html.escape(page.replace("</body>", f"{MEASURE}</body>"))
    style = f"width:{width_px}px;height:900px;border:0"
    file.write_text(f'<title></title><iframe style="{style}" srcdoc="{framed}"></iframe>')
    colours = ["--blink-settings=preferredColorScheme=0"] if dark else []
    arguments = [
        CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--dump-dom",
        f"--user-data-dir={folder / 'profile'}", "--window-size=1400,1000", *colours,
        file.as_uri(),
    ]  # fmt: skip
    shown = subprocess.run(arguments, capture_output=True, text=True, timeout=120, check=True)
    title = re.search(r"<title>(.*?)</title>", shown.stdout, re.DOTALL)
    assert title
    return dict(json.loads(title[1]))


@pytest.fixture
def page(info: dict[str, Any]) -> str:
    """Return a report with every kind of table."""
    info["navigation"] = navigation_summary([WALKED], ("stack",))
    info["agent"] = agent_summary([EPISODE, replace(EPISODE, agent=replace(AGENT, length="long"))])
    return render_report(info, [SOLVED, *[replace(FAILED, failure=WRONG)] * 20], [])


@pytest.mark.parametrize("width_px", [390, 1280])
def test_nothing_is_cut_off(page: str, tmp_path: Path, width_px: int) -> None:
    found = measured(page, tmp_path, width_px)
    assert found["cut"] == []
    assert found["scroll"] <= found["wide"]
    assert found["wide"] == width_px


def test_the_page_follows_the_dark(page: str, tmp_path: Path) -> None:
    def brightness(colour: str) -> int:
        return sum(map(int, re.findall(r"\d+", colour)[:3]))

    light, dark = (measured(page, tmp_path, 1280, dark=one) for one in (False, True))
    assert brightness(light["background"]) > 600 > brightness(light["ink"])
    assert brightness(dark["background"]) < 150 < brightness(dark["ink"])
