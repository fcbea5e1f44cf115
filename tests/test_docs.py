"""The front door leads somewhere: every link of the README and of the pages in docs/ finds its file and its heading."""

import re
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1]
PAGES = [HOUSE / "README.md", *(HOUSE / "docs").rglob("*.md"), *(HOUSE / "services").glob("*/README.md")]
LINK = re.compile(r'\]\(([^)\s]+)\)|src="([^"]+)"')


def anchors(page: Path) -> set[str]:
    """The fragments a page's headings have on a forge."""
    headings = re.findall(r"(?m)^#+ (.+)$", page.read_text("utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", sorted(PAGES), ids=lambda page: str(page.relative_to(HOUSE)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for found in LINK.findall(page.read_text("utf-8")):
        link = found[0] or found[1]
        if "://" in link:
            continue
        file, _, fragment = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), link
        assert not fragment or fragment in anchors(target), link
