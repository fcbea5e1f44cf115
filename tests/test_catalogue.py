"""The catalogue says what the code is, and nothing in the code is without its words."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.catalogue import FILE, text
from deploy.local.catalogue.house import HOUSE, first_sentence
from deploy.local.catalogue.language import deciders, orders_of
from deploy.local.catalogue.rules import COMMON, texts_in
from shared.events import REGISTRY
from shared.http.texts import RuleText
from shared.rules import PARAMETERS
from shared.settings import SERVICES

REFUSING = {"require", "Refused", "Lack", "refuse", "Reason", "Unreadable"}  # calls whose argument names a rule
RULE = re.compile(r"[a-z_]+(\.[a-z_]+)+")
ROOMS = {"shared": HOUSE / "shared", **{name: HOUSE / "services" / name for name in SERVICES}}


def code_of(room: str) -> Iterator[tuple[Path, ast.AST]]:
    """Every node of a room's code, tests and migrations left out."""
    for file in sorted(ROOMS[room].rglob("*.py")):
        if not {"tests", "migrations"} & set(file.parts):
            yield from ((file, node) for node in ast.walk(ast.parse(file.read_text("utf-8"))))


def names_in(*nodes: ast.AST) -> Iterator[str]:
    """The text constants among ``nodes`` that could name a rule."""
    for node in nodes:
        match node:
            case ast.Constant(value=str() as named) if RULE.fullmatch(named):
                yield named


def said_in(room: str) -> set[str]:
    return {name for _, node in code_of(room) for name in names_in(node)}


def refused_in(room: str) -> dict[str, str]:
    """Rule -> where it is the reason of a refusal; in ``domain/`` whatever looks like a rule and is no parameter."""
    found = {}
    for file, node in code_of(room):
        match node:
            case ast.Call(func=ast.Name(id=called) | ast.Attribute(attr=called)) if called in REFUSING:
                named = list(names_in(*node.args))
            case ast.Constant() if "domain" in file.parts:
                named = [name for name in names_in(node) if name not in PARAMETERS]
            case _:
                continue
        found.update(dict.fromkeys(named, f"{file.relative_to(HOUSE)}:{node.lineno}"))
    return found


def texts_of(room: str) -> list[RuleText]:
    files = COMMON if room == "shared" else [ROOMS[room] / name for name in ("refusals.toml", "findings.toml")]
    return [one for file in files for one in texts_in(file)]


def test_the_catalogue_says_what_the_code_is() -> None:
    assert FILE.read_text("utf-8") == text(), "the catalogue is old: run `chibo catalogue --write` and commit it"


@pytest.mark.parametrize("room", ROOMS)
def test_every_rule_that_refuses_has_its_sentence_in_both_languages_and_its_source(room: str) -> None:
    known = {one.rule for one in (*texts_of("shared"), *texts_of(room))}
    silent = [f"{where} {rule}" for rule, where in refused_in(room).items() if rule not in known]
    assert not silent, "\n".join(silent)
    assert [one.rule for one in texts_of(room) if not (one.vi.strip() and one.en.strip() and one.source.strip())] == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_sentence_of_a_refusal_can_be_heard(room: str) -> None:
    used = said_in(room) if room != "shared" else set().union(*map(said_in, ROOMS))
    assert [one.rule for one in texts_of(room) if one.rule not in used] == []


def test_a_rule_has_one_sentence_in_the_whole_house() -> None:
    where = defaultdict(list)
    for room in ROOMS:
        for one in texts_of(room):
            where[one.rule].append(room)
    assert {rule: rooms for rule, rooms in where.items() if len(rooms) > 1} == {}


@pytest.mark.parametrize("service", SERVICES)
def test_every_aggregate_names_what_may_be_asked_of_it(service: str) -> None:
    rooms = [orders.module.partition(".")[0] for orders in orders_of(service)]
    deciding = [module.removeprefix(f"services.{service}.domain.").partition(".")[0] for module in deciders(service)]
    assert sorted(rooms) == sorted(deciding), "a module that decides names its commands `Order`"
    silent = [one.__name__ for orders in orders_of(service) for one in orders.commands if not first_sentence(one)]
    assert silent == [], "a command says in one sentence what is asked"


def test_every_event_says_what_happened() -> None:
    published = {name: event for name, event in REGISTRY.items() if name.partition(".")[0] in SERVICES}
    assert [name for name, event in sorted(published.items()) if not first_sentence(event)] == []
