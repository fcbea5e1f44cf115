"""A cell's month judged again whenever its facts change, or the time in which the cell is due to meet."""

from collections.abc import Callable, Mapping
from typing import Any

from services.inspection.domain.month import changed, counters, judged
from services.inspection.views.wall.tables import CELL_MONTH, CELL_YEAR, ORGANISATION_MONTH, PLACE
from shared.streams import Changes

Row = dict[str, Any]


async def judge_again(change: Changes, cell: str, period: str, apply: Callable[[Row], None]) -> None:
    """Change a month of a cell, and carry the difference into its year and everything above."""
    place = await change.find(PLACE, organisation=cell)
    await _judge(change, await change.row(CELL_MONTH, cell=cell, period=period), place, apply)


async def judge_all(change: Changes, place: Row) -> None:
    """Every month of a cell, after its first or its last month has become known. Only members' facts come to this."""
    for month in await change.select(CELL_MONTH, "cell = $1", place["organisation"]):
        await _judge(change, month, place, lambda _month: None)


async def _judge(change: Changes, month: Row, place: Mapping[str, Any] | None, apply: Callable[[Row], None]) -> None:
    before, cell = counters(month), month["cell"]
    apply(month)
    month |= judged(month, due=place is None or is_due(place, month["period"]))
    if delta := changed(before, counters(month)):
        for organisation in place["path"] if place else [cell]:
            change.add(ORGANISATION_MONTH, {"organisation": organisation, "period": month["period"]}, **delta)
        year = await change.row(CELL_YEAR, cell=cell, year=int(month["period"][:4]))
        for name, amount in delta.items():
            year[name] += amount
    change.touched(cell)


def is_due(place: Mapping[str, Any], period: str) -> bool:
    since: str = place["since"]
    until: str | None = place["until"]
    return since <= period and (until is None or period <= until)
