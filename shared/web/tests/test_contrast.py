"""Colours meet WCAG 2.2 AA in both schemes: text 4.5 to 1, marks and edges of controls 3 to 1."""

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).parents[1] / "static" / "chibo.css").read_text("utf-8")

TEXT = [
    (ink, ground)
    for ink in ("ink", "soft", "accent", "accent-strong")
    for ground in ("card", "ground", "raised", "accent-wash")
    if (ink, ground) != ("soft", "accent-wash")
] + [
    ("on-fill", "fill"),
    ("on-fill", "fill-strong"),
    ("card", "ink"),  # the current step
    ("soft", "due-wash"),
    ("ink", "due-wash"),
    ("held-ink", "held-wash"),
    ("late-ink", "late-wash"),
    ("missing-ink", "missing-wash"),
    ("thematic-ink", "thematic-wash"),
    ("held-ink", "card"),
    ("late-ink", "card"),
    ("missing-ink", "card"),
    ("missing-ink", "ground"),
]
MARKS = [
    *((mark, "card") for mark in ("edge", "held", "late", "missing", "thematic", "fill", "accent")),
    ("thematic", "ground"),  # the focus ring
    ("thematic", "held-wash"),
    ("thematic", "late-wash"),
    ("edge", "ground"),
    ("late", "held-wash"),  # minutes not sent: a line under the square
]


def tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))


LIGHT = tokens(CSS[: CSS.index("@media (prefers-color-scheme: dark)")])
DARK = LIGHT | tokens(CSS[CSS.index("@media (prefers-color-scheme: dark)") : CSS.index("*, *::before")])


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT)
def test_text_is_readable(scheme: dict[str, str], text: str, ground: str) -> None:
    assert contrast(scheme[text], scheme[ground]) >= 4.5


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("mark", "ground"), MARKS)
def test_marks_are_seen(scheme: dict[str, str], mark: str, ground: str) -> None:
    assert contrast(scheme[mark], scheme[ground]) >= 3


def test_every_colour_of_the_light_scheme_has_its_dark_one() -> None:
    dark = tokens(CSS[CSS.index("@media (prefers-color-scheme: dark)") : CSS.index("*, *::before")])
    assert dark.keys() == LIGHT.keys()
