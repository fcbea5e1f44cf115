"""The four figures above the wall and the signals beside it, judged by the rules in force there and then."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from services.inspection.pages.address import Address
from services.inspection.views.wall.places import Place
from services.inspection.views.wall.signals import Signal, signals
from services.inspection.views.wall.sums import sums_of
from shared.context import Context
from shared.rules import RuleSet
from shared.vietnam import vietnam_date
from shared.web.formats import fmt_rate, fmt_share
from shared.web.i18n import _


@dataclass(frozen=True, slots=True)
class Figure:
    label: str
    value: str
    base: str
    tone: str = ""


async def figures_of(ctx: Context, here: Place, address: Address) -> list[Figure]:
    """Of one month and all cells under ``here``; every rate with what it is out of."""
    found = (await sums_of(ctx.pool, [here.organisation], address.year))[here.organisation][address.period]
    year, month = int(address.period[:4]), int(address.period[5:])
    last_day = date(year, month, monthrange(year, month)[1])
    rules = await ctx.rules.at(here.organisation, min(last_day, vietnam_date(ctx.clock())))
    missed, late, unsent = found["missed"], found["late"], found["unsent"]
    met = [_("{n} chi bộ không sinh hoạt", n=missed)] if missed else []
    met += [_("{n} chi bộ muộn", n=late)] if late else []
    met += [_("{n} đang sinh hoạt", n=found["open"])] if found["open"] else []
    days, share = rules.integer("meeting.report_up.days"), rules.share("meeting.speaking.share")
    return [
        Figure(
            _("Đã sinh hoạt tháng {month}", month=month),
            f"{found.met}/{found.cells_due}",
            ", ".join(met) or _("chi bộ"),
            "missing" if missed else "",
        ),
        Figure(
            _("Dự sinh hoạt"),
            fmt_rate(found["present"], found["due"]),
            _(
                "{n}/{of} phải dự, cần đạt {target}%",
                n=found["present"], of=found["due"], target=rules.integer("meeting.attendance.target_pct"),
            ),
        ),
        Figure(
            _("Phát biểu"),
            fmt_rate(found["spoke"], found["present"]),
            _(
                "{n}/{of} có mặt, nên {target}",
                n=found["spoke"], of=found["present"],
                target=fmt_share(share.numerator, share.denominator, inclusive=share.inclusive),
            ),
        ),
        Figure(
            _("Biên bản gửi đúng hạn"),
            f"{found['sent_on_time']}/{found['closed']}",
            _("trong {days} ngày, {n} chưa gửi", days=days, n=unsent) if unsent else _("trong {days} ngày", days=days),
            "late" if found["sent_late"] else "",
        ),
    ]  # fmt: skip


async def signals_of(ctx: Context, here: Place, year: int, limit: int = 3) -> list[Signal]:
    """The cells under ``here`` that lack most, judged by its rules of today."""
    today = vietnam_date(ctx.clock())
    rules = await ctx.rules.at(here.organisation, today)
    return await signals(
        ctx.pool,
        here.organisation,
        year,
        thematic_least=_quarters_ended(year, today.year, today.month) * _least(rules),
        sent_before=today - timedelta(days=rules.integer("meeting.report_up.days")),
        limit=limit,
    )


def _least(rules: RuleSet) -> int:
    return rules.integer("meeting.thematic.per_quarter_min")


def _quarters_ended(year: int, this_year: int, month: int) -> int:
    return 4 if year < this_year else (month - 1) // 3 if year == this_year else 0
