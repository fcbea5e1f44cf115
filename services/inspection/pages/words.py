"""The wall in words: what a square, a sum, a happening says, in the reader's language."""

from datetime import datetime
from functools import lru_cache
from typing import Final

from services.inspection.domain.square import CommitteeSquare, Square, State
from services.inspection.views.wall.rows import Only, Sort
from services.inspection.views.wall.signals import Signal
from services.inspection.views.wall.timeline import Happening
from shared.web.formats import fmt_date, fmt_datetime, fmt_percent
from shared.web.i18n import _, language, lazy, ngettext

STATES: Final = {
    State.HELD: lazy("đúng kỳ"),
    State.LATE: lazy("muộn"),
    State.MISSED: lazy("không sinh hoạt"),
    State.AHEAD: lazy("chưa đến hạn"),
    State.UNKNOWN: lazy("chưa có số liệu"),
    State.OUTSIDE: lazy("không phải sinh hoạt"),
}

KINDS: Final = {
    "regular": lazy("thường kỳ"),
    "thematic": lazy("chuyên đề"),
    "extraordinary": lazy("bất thường"),
}

ENTRIES: Final = {
    "paper": lazy("nhập từ sổ giấy"),
    "simulated": lazy("mô phỏng"),
}

SECTORS: Final = {
    "village": lazy("Thôn, bản, phố"),
    "party_agency": lazy("Cơ quan Đảng, đoàn thể"),
    "state_agency": lazy("Cơ quan nhà nước"),
    "public_service": lazy("Đơn vị sự nghiệp"),
    "enterprise": lazy("Doanh nghiệp"),
    "school": lazy("Trường học"),
    "health": lazy("Y tế"),
    "armed_forces": lazy("Lực lượng vũ trang"),
    "abroad": lazy("Ngoài nước"),
    "other": lazy("Loại hình khác"),
}


SORTS: Final = {
    Sort.NAME: lazy("Tên"),
    Sort.MISSING: lazy("Thiếu kỳ nhiều nhất"),
    Sort.ATTENDANCE: lazy("Dự thấp nhất"),
    Sort.SPEAKING: lazy("Phát biểu ít nhất"),
    Sort.LAST_MET: lazy("Lâu chưa sinh hoạt"),
}

ONLY: Final = {
    None: lazy("Tất cả"),
    Only.MISSING: lazy("Có kỳ thiếu"),
    Only.LATE: lazy("Có kỳ muộn"),
    Only.UNSENT: lazy("Chưa gửi biên bản"),
}


@lru_cache(4096)
def _rate(numerator: int, base: int, _language: str) -> str:
    return fmt_percent(numerator, base)


def rate(numerator: int, base: int) -> str:
    """``91,4% (193/211)``; the same few hundred pairs come again on every wall, so they are kept."""
    return _rate(numerator, base, language())


def square_says(square: Square, month: str) -> str:
    """``T11: đúng kỳ, dự 90,9% (20/22), phát biểu 60% (12/20), chưa gửi biên bản``."""
    parts = [f"{month}: {STATES[square.state]}"]
    if square.due:
        parts.append(_("dự {rate}", rate=rate(square.present, square.due)))
        parts.append(_("phát biểu {rate}", rate=rate(square.spoke, square.present)))
    if square.thematic:
        parts.append(_("có chuyên đề"))
    if square.unsent:
        parts.append(_("chưa gửi biên bản"))
    if square.now:
        parts.append(_("đang sinh hoạt"))
    if square.entry in ENTRIES:
        parts.append(str(ENTRIES[square.entry]))
    return ", ".join(parts)


def committee_square_says(square: CommitteeSquare, month: str) -> str:
    if square.state is State.OUTSIDE:
        return f"{month}: {STATES[square.state]}"
    parts = [_("{month}: đã sinh hoạt {n}/{of} chi bộ", month=month, n=square.met, of=square.due)]
    if square.late:
        parts.append(_("{n} muộn", n=square.late))
    if square.missed:
        parts.append(_("{n} không sinh hoạt", n=square.missed))
    if square.members_due:
        parts.append(_("dự {rate}", rate=rate(square.present, square.members_due)))
    if square.unsent:
        parts.append(_("{n} biên bản chưa gửi", n=square.unsent))
    if square.now:
        parts.append(_("{n} đang sinh hoạt", n=square.now))
    return ", ".join(parts)


def happening_says(happening: Happening, whole: bool = False) -> str:
    """One happening of a cell, to be read after its name; ``whole``: by itself."""
    said = _happening_says(happening)
    return said[:1].upper() + said[1:] if whole else said


def signal_says(signal: Signal) -> str:
    """What a signal found, to be read after its number."""
    match signal.kind:
        case "missed":
            return ngettext("kỳ không sinh hoạt", signal.amount)
        case "few_thematic":
            return ngettext("chuyên đề còn thiếu", signal.amount)
        case _:
            return ngettext("biên bản quá hạn chưa gửi", signal.amount)


def _happening_says(happening: Happening) -> str:
    detail = happening.detail
    kind = KINDS.get(detail.get("meeting_kind", ""), "")
    month = fmt_date(happening.period)
    match happening.kind:
        case "planned":
            when = fmt_datetime(datetime.fromisoformat(detail["planned_at"]))
            return _("lên lịch sinh hoạt {kind} {month}, dự kiến {when}", kind=kind, month=month, when=when)
        case "notified":
            return _("báo họp tới {n} đảng viên", n=detail["members"])
        case "moved":
            when = fmt_datetime(datetime.fromisoformat(detail["planned_at"]))
            return _("dời sinh hoạt {month} sang {when}: {reason}", month=month, when=when, reason=detail["reason"])
        case "cancelled":
            return _("hủy sinh hoạt {kind} {month}: {reason}", kind=kind, month=month, reason=detail["reason"])
        case "opened":
            return _("mở sinh hoạt {kind} {month}", kind=kind, month=month)
        case "closed":
            attended = rate(detail["present"], detail["due"])
            said = _(
                "kết thúc sinh hoạt {kind} {month}: dự {attended}, {n} người phát biểu, {minutes} phút",
                kind=kind, month=month, attended=attended, n=detail["spoke"], minutes=detail["minutes"],
            )  # fmt: skip
            return said + (_(" (muộn)") if detail["late"] else "")
        case "confirmed":
            return _("thông qua biên bản {month}", month=month)
        case "sent":
            said = _("gửi biên bản {month} lên cấp trên", month=month)
            return said if detail["on_time"] else said + _(" (quá hạn {day})", day=fmt_date(detail["due_on"]))
        case "corrected":
            return _(
                "đính chính biên bản {month}: từ “{before}” thành “{after}”, vì {reason}",
                month=month, before=detail["before"], after=detail["after"], reason=detail["reason"],
            )  # fmt: skip
        case _:
            return _("không sinh hoạt {month}, hạn cuối {day}", month=month, day=fmt_date(detail.get("window_end")))
