"""Chapters: the read models, what runs by itself, and what is measured."""

from collections.abc import Iterator, Mapping, Sequence

from prometheus_client.metrics import MetricWrapperBase

from deploy.local.catalogue.house import Service, first_sentence, table
from shared.service import SHARED_VIEWS
from shared.streams import View
from shared.telemetry import metrics as registry


def views(known: Sequence[Service]) -> str:
    kept = [("every service", view) for view in SHARED_VIEWS]
    kept += [(service.name, view) for service in known for view in service.parts.views]
    rows = [
        (where, f"`{v.name}`", v.version, ", ".join(v.sources), _tables(v), _handled(v.handlers)) for where, v in kept
    ]
    return table(("kept by", "view", "version", "sources", "tables (key)", "changed by"), rows)


def _tables(view: View) -> str:
    return "<br>".join(f"`{view.schema}.{one.name}` ({', '.join(one.key)})" for one in view.tables)


def _handled(handlers: Mapping[str, object]) -> str:
    return ", ".join(sorted(name.partition(".")[2] for name in handlers))


def tasks(known: Sequence[Service]) -> str:
    return table(("service", "name", "when", "what it does"), _running(known))


def _running(known: Sequence[Service]) -> Iterator[tuple[str, str, str, str]]:
    for service in known:
        for policy in service.parts.policies:
            said = " ".join(dict.fromkeys(filter(None, map(first_sentence, policy.handlers.values()))))
            yield service.name, f"`{policy.name}`", f"on {_handled(policy.handlers)}", said
        for task in service.parts.daily:
            yield service.name, f"`{task.__name__}`", "at the start and every day", first_sentence(task)
        for task in service.parts.background:
            yield service.name, f"`{task.__name__}`", "all the time", first_sentence(task)


def metrics(_known: Sequence[Service]) -> str:
    rows = [
        (
            f"`{said.name}{'_total' if said.type == 'counter' else ''}`",
            said.type,
            ", ".join(one._labelnames),
            said.documentation,
        )
        for one in vars(registry).values()
        if isinstance(one, MetricWrapperBase)
        for said in one.describe()
    ]
    return table(("metric", "type", "labels", "meaning"), rows)
