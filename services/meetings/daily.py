"""What happens because a date has arrived: a month whose window has passed without a regular meeting is noticed."""

from datetime import date

from services.meetings.domain.cell_month import due_from, periods, window_end
from services.meetings.handlers import notice_month_missed, window_basis
from services.meetings.views.calendar import recorded_periods
from shared.clock import period_of, vietnam_date
from shared.context import Context
from shared.organisations import Organisation, cells_under, children


async def notice_missed(ctx: Context) -> None:
    """Notice every missed month of every cell. Runs at start and when the date changes; a repeat changes nothing."""
    today = vietnam_date(ctx.clock())
    for root in await children(ctx.pool, None):
        cells = await cells_under(ctx.pool, root.id)
        known = await recorded_periods(ctx.pool, [cell.id for cell in cells])
        for cell in cells:
            if cell.id in known:
                await _notice(ctx, cell, *known[cell.id], today)


async def _notice(ctx: Context, cell: Organisation, since: str, settled: set[str], today: date) -> None:
    for period in periods(due_from(cell.established_on, since), period_of(today)):
        if period in settled:
            continue
        last_day = await window_basis(ctx, cell.id, period)
        if today > window_end(period, last_day):
            await notice_month_missed(ctx, cell.id, period, last_day)
