"""The pictures of the documentation: made anew with CHIBO_SCREENSHOTS=1, and not touched otherwise."""

import os
from pathlib import Path

from playwright.sync_api import Page

IMAGES = Path(__file__).parents[2] / "docs" / "images"


def keep(page: Page, name: str) -> None:
    """What is on the screen now, as ``docs/images/<name>.png``."""
    if os.environ.get("CHIBO_SCREENSHOTS"):
        IMAGES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=IMAGES / f"{name}.png")
