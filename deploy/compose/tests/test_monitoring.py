"""The dashboard and Prometheus name only what there is."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.settings import SERVICES
from shared.telemetry.metrics import REGISTRY

ROOM = Path(__file__).parents[1]
DASHBOARD: dict[str, Any] = json.loads((ROOM / "grafana" / "dashboards" / "chibo.json").read_text())
ALERTS = [rule for group in yaml.safe_load((ROOM / "alerts.yml").read_text())["groups"] for rule in group["rules"]]
RUNBOOK = (Path(__file__).parents[3] / "docs" / "operations.md").read_text("utf-8")
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}


def exposed() -> set[str]:
    """The names Prometheus sees, `up` among them."""
    return {"up"} | {
        family.name + suffix for family in REGISTRY.collect() for suffix in SUFFIXES.get(family.type, ("",))
    }


def asked() -> dict[str, set[str]]:
    """Panel -> metrics in its expressions."""
    return {
        panel["title"]: {
            name
            for target in panel["targets"]
            for name in re.findall(r"\b(?:chibo|process)_\w+|\bup\b", target["expr"])
        }
        for panel in DASHBOARD["panels"]
    }


def test_every_metric_of_the_dashboard_is_one_that_chibo_has() -> None:
    assert {title: names - exposed() for title, names in asked().items() if not names or names - exposed()} == {}


def test_the_dashboard_shows_appends_lag_http_and_the_meetings_of_today() -> None:
    shown = set().union(*asked().values())
    assert shown >= {
        "chibo_appends_total",
        "chibo_subscription_lag",
        "chibo_http_requests_total",
        "chibo_http_seconds_bucket",
        "chibo_meetings_today",
    }


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_an_alert_watches_what_chibo_measures_and_says_what_to_do(alert: dict[str, Any]) -> None:
    named = set(re.findall(r"\b(?:chibo|process)_\w+|\bup\b", alert["expr"]))
    assert named
    assert named <= exposed()
    assert alert["labels"]["severity"] in {"warning", "critical"}
    assert alert["annotations"]["runbook"] == f"docs/operations.md#{alert['alert'].lower()}"
    assert f"\n### {alert['alert']}\n" in RUNBOOK


def test_prometheus_reads_the_alerts() -> None:
    assert yaml.safe_load((ROOM / "prometheus.yml").read_text())["rule_files"] == ["alerts.yml"]


def test_every_panel_asks_the_provisioned_source() -> None:
    (source,) = yaml.safe_load((ROOM / "grafana/provisioning/datasources/prometheus.yml").read_text())["datasources"]
    assert {target["datasource"]["uid"] for panel in DASHBOARD["panels"] for target in panel["targets"]} == {
        source["uid"]
    }


def test_both_containers_of_every_service_are_measured() -> None:
    (job,) = yaml.safe_load((ROOM / "prometheus.yml").read_text())["scrape_configs"]
    targets = {(target, group["labels"]["role"]) for group in job["static_configs"] for target in group["targets"]}
    assert targets == {(f"{service}-{role}:8000", role) for service in SERVICES for role in ("api", "worker")}
