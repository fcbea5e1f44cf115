"""Every promise has its row, and what the rows name exists: tests, metrics, alerts."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from shared.telemetry.metrics import REGISTRY

HOUSE = Path(__file__).parents[1]
PAGE = HOUSE / "docs" / "guarantees.md"
PROMISES = 16


@dataclass(frozen=True)
class Row:
    number: int
    promise: str
    limits: str
    tests: list[tuple[str, str]]  # the sentence, the file
    metrics: list[str]
    alerts: list[str]


def rows() -> list[Row]:
    found = []
    for line in PAGE.read_text("utf-8").splitlines():
        if re.match(r"\| \d+ \|", line):
            number, promise, limits, tests, metrics, alerts = (cell.strip() for cell in line.strip("|").split(" | "))
            found.append(
                Row(
                    int(number),
                    promise,
                    limits,
                    re.findall(r"\[([^\]]+)\]\(([^)]+)\)", tests),
                    re.findall(r"`(\w+)`", metrics),
                    alerts.split(", "),
                )
            )
    return found


ROWS = rows()
row_by_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row.number))


def exposed() -> set[str]:
    return {family.name + ("_total" if family.type == "counter" else "") for family in REGISTRY.collect()}


def alerts() -> set[str]:
    groups = yaml.safe_load((HOUSE / "deploy" / "compose" / "alerts.yml").read_text())["groups"]
    return {rule["alert"] for group in groups for rule in group["rules"]}


def test_each_promise_has_its_row() -> None:
    assert [row.number for row in ROWS] == list(range(1, PROMISES + 1))


@row_by_row
def test_the_tests_that_are_named_exist(row: Row) -> None:
    assert row.tests
    for sentence, link in row.tests:
        code = (PAGE.parent / link).resolve().read_text("utf-8")
        assert re.search(rf"^(?:async )?def test_{sentence.replace(' ', '_')}\(", code, re.MULTILINE), sentence


@row_by_row
def test_the_metrics_and_the_alerts_that_are_named_exist(row: Row) -> None:
    assert row.promise
    assert row.limits
    assert row.metrics
    assert set(row.metrics) <= exposed()
    assert set(row.alerts) <= alerts()


def test_every_alert_on_a_promise_watches_one_that_is_written_down() -> None:
    groups = yaml.safe_load((HOUSE / "deploy" / "compose" / "alerts.yml").read_text())["groups"]
    watching = {rule["alert"] for group in groups if group["name"] == "promises" for rule in group["rules"]}
    assert watching == {alert for row in ROWS for alert in row.alerts}
