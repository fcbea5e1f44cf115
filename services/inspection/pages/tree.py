"""The tree of committees beside the wall, and the way up."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import asyncpg

from services.inspection.pages.address import Address
from services.inspection.views.wall.places import Place, committees_under, places
from services.inspection.views.wall.sums import Sum, sums_of


@dataclass(frozen=True, slots=True)
class Node:
    """One line of the tree, as `parts.tree` takes it. ``count``: cells that have met in the month, of all."""

    label: str
    href: str
    count: str
    current: bool = False
    children: list["Node"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Crumb:
    label: str
    href: str


async def line_of(pool: asyncpg.Pool, here: Place, roots: list[str]) -> list[Place]:
    """From the highest organisation the reader supervises down to ``here``."""
    top = next((n for n, organisation in enumerate(here.path) if organisation in roots), len(here.path) - 1)
    return await places(pool, here.path[top:])


def crumbs_of(line: list[Place], query: str = "") -> list[Crumb]:
    return [Crumb(one.name, f"/inspection/wall/{one.organisation}{query}") for one in line]


async def tree_of(pool: asyncpg.Pool, line: list[Place], address: Address) -> list[Node]:
    """The line down to here, and the committees below here; of one without any, those beside it."""
    here = line[-1]
    level, above = await committees_under(pool, here.organisation), line
    if not level and len(line) > 1:
        level, above = await committees_under(pool, line[-2].organisation), line[:-1]
    sums = await sums_of(pool, [one.organisation for one in (*above, *level)], address.year)

    def node(one: Place, children: list[Node]) -> Node:
        href = address.to(organisation=one.organisation, name="", sector=None, only=None, everything=False)
        count = _count(one, sums, address.period)
        return Node(one.name, href, count, one.organisation == here.organisation, children)

    nodes = [node(one, []) for one in level]
    for one in reversed(above):
        nodes = [node(one, nodes)]
    return nodes


def _count(one: Place, sums: Mapping[str, Mapping[str, Sum]], period: str) -> str:
    return f"{sums[one.organisation][period].met}/{sums[one.organisation][period].cells_due}"
