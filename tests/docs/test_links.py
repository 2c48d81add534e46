"""Links of the README and of docs/ lead somewhere; the front page stays short."""

from pathlib import Path

import pytest

from tests.docs.pages import LINK, ROOT, anchors, pages, prose

MOST_BYTES, MOST_LINES = 20_000, 250
MOST_BYTES_MOVING = 2_000_000


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_links_and_anchors_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(prose(page)):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_relative_to(ROOT), link
        assert target.exists(), link
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), link


def test_every_page_is_reached_from_the_index() -> None:
    index = ROOT / "docs" / "index.md"
    reached = {index} | linked_from(index)
    reached |= linked_from(ROOT / "docs" / "families.md")  # one page for each
    assert {*pages()} <= reached


def linked_from(page: Path) -> set[Path]:
    """Pages that a page links to."""
    return {(page.parent / link).resolve() for link in LINK.findall(prose(page))}


def test_the_front_page_is_short() -> None:
    text = (ROOT / "README.md").read_text()
    assert len(text.encode()) <= MOST_BYTES
    assert text.count("\n") <= MOST_LINES


def test_the_moving_picture_is_light() -> None:
    (moving,) = [link for link in LINK.findall((ROOT / "README.md").read_text()) if "webp" in link]
    assert 100_000 < (ROOT / moving).stat().st_size <= MOST_BYTES_MOVING
