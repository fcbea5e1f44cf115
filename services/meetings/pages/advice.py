"""What a secretary may wish to look at before closing. Hints with their figures: nothing here refuses anything."""

from collections.abc import Sequence
from datetime import datetime

from services.meetings.domain.meeting import Meeting
from services.meetings.domain.meeting.tally import tally
from shared.events.meetings import MeetingKind, RuleBasis
from shared.rules import Share
from shared.web.formats import fmt_percent, fmt_share
from shared.web.i18n import _

OVERRUN = 3 * 60  # minutes; the source documents know meetings of up to three hours


def advice_on(meeting: Meeting, now: datetime, basis: Sequence[RuleBasis]) -> list[str]:
    assert meeting.opened_at is not None
    values = {rule.code: rule for rule in basis}
    counts, said = tally(meeting), []
    minutes = int((now - meeting.opened_at).total_seconds() // 60)
    least = values["meeting.regular.min_minutes"]
    if meeting.kind is MeetingKind.REGULAR and isinstance(least.value, int) and minutes < least.value:
        said.append(
            _(
                "Mới {minutes} phút; quy định ít nhất {least} phút ({basis}).",
                minutes=minutes,
                least=least.value,
                basis=least.legal_basis,
            )
        )
    if minutes > OVERRUN:
        said.append(_("Đã {minutes} phút, dài hơn thường lệ.", minutes=minutes))
    target = values["meeting.attendance.target_pct"]
    if isinstance(target.value, int) and counts.due and counts.present * 100 < target.value * counts.due:
        said.append(
            _(
                "Dự sinh hoạt {rate}, cần đạt {target}% ({basis}).",
                rate=fmt_percent(counts.present, counts.due),
                target=target.value,
                basis=target.legal_basis,
            )
        )
    speaking = values["meeting.speaking.share"]
    share = Share.parse(str(speaking.value))
    if counts.present and not share.met_by(counts.spoke, counts.present):
        said.append(
            _(
                "Phát biểu {rate} số đồng chí dự; mức nên đạt: {share} ({basis}).",
                rate=fmt_percent(counts.spoke, counts.present),
                share=fmt_share(share.numerator, share.denominator, inclusive=share.inclusive),
                basis=speaking.legal_basis,
            )
        )
    if not meeting.tasks:
        said.append(_("Chưa giao việc nào có người thực hiện và thời hạn."))
    return said
