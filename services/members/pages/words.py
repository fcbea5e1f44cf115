"""The register's kinds and states in the readers' words, and refusals said in a form."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from shared import rules
from shared.events.members import MemberStatus, OrganisationKind, Sector
from shared.http import RuleTexts
from shared.privacy import Erased, Opened
from shared.refusal import Refused
from shared.web import language, lazy
from shared.web.formats import fmt_date
from shared.web.i18n import Lazy, _

KINDS: Final[Mapping[OrganisationKind, Lazy]] = {
    OrganisationKind.CENTRAL_BLOC: lazy("Đảng bộ khối"),
    OrganisationKind.SUPERIOR_COMMITTEE: lazy("Đảng bộ cấp trên cơ sở"),
    OrganisationKind.GRASSROOTS_COMMITTEE: lazy("Đảng bộ cơ sở"),
    OrganisationKind.PARTIAL_COMMITTEE: lazy("Đảng bộ bộ phận"),
    OrganisationKind.CELL: lazy("Chi bộ"),
}
SECTORS: Final[Mapping[Sector, Lazy]] = {
    Sector.VILLAGE: lazy("Thôn, bản, khu phố"),
    Sector.PARTY_AGENCY: lazy("Cơ quan Đảng, đoàn thể"),
    Sector.STATE_AGENCY: lazy("Cơ quan nhà nước"),
    Sector.PUBLIC_SERVICE: lazy("Đơn vị sự nghiệp"),
    Sector.ENTERPRISE: lazy("Doanh nghiệp"),
    Sector.SCHOOL: lazy("Trường học"),
    Sector.HEALTH: lazy("Y tế"),
    Sector.ARMED_FORCES: lazy("Lực lượng vũ trang"),
    Sector.ABROAD: lazy("Ngoài nước"),
    Sector.OTHER: lazy("Loại hình khác"),
}
STATUSES: Final[Mapping[MemberStatus, Lazy]] = {
    MemberStatus.OFFICIAL: lazy("Chính thức"),
    MemberStatus.PROBATIONARY: lazy("Dự bị"),
}
READ: Final[Mapping[str, Lazy]] = {
    "record": lazy("Hồ sơ"),
    "roll": lazy("Danh sách chi bộ"),
    "account": lazy("Tài khoản đăng nhập"),
}
LIMITS: Final[Mapping[str, Lazy]] = {
    "at_least": lazy("ít nhất"),
    "at_most": lazy("không quá"),
    "below": lazy("dưới"),
}
UNITS: Final[Mapping[str, Lazy]] = {
    "day of month": lazy("(ngày trong tháng)"),
    "days": lazy("ngày"),
    "hours": lazy("giờ"),
    "meetings": lazy("kỳ sinh hoạt"),
    "members": lazy("đảng viên"),
    "minutes": lazy("phút"),
    "months": lazy("tháng"),
    "of those present": lazy("số có mặt"),
    "of the voting base": lazy("số phải dự biểu quyết"),
    "percent": lazy("%"),
    "points": lazy("điểm"),
    "votes": lazy("lần biểu quyết"),
    "working days": lazy("ngày làm việc"),
}

_WHOLE_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_TEXTS: Final = RuleTexts(Path(rules.__file__).with_name("refusals.toml"), Path(__file__).parents[1] / "refusals.toml")


def name_of(opened: Opened | None) -> str:
    """A personal field as a page shows it; what is erased or cannot be opened now says so."""
    match opened:
        case str():
            return opened
        case Erased():
            return _("(đã xóa)")
        case None:
            return "–"
        case _:
            return _("(chưa mở được)")


def birth_date(text: str) -> str:
    """As people write it; only a year, or what stands in its place, stays as it is."""
    return fmt_date(text) if _WHOLE_DATE.fullmatch(text) else text


def refusal(refused: Refused) -> tuple[str, str, int]:
    """What to say above the form, what it rests on, and the status of the answer."""
    text = _TEXTS[refused.rule]
    return text.say(language(), refused.params), text.basis(language()), text.status


def wrong_fields(error: ValidationError) -> dict[str, str]:
    """Field -> what to do about it."""
    return {str(one["loc"][0]): _("Xin xem lại: chưa đúng hoặc còn thiếu.") for one in error.errors() if one["loc"]}


def by_name(name: str) -> tuple[str, str]:
    """Vietnamese lists go by the given name, which comes last."""
    return (name.casefold().rpartition(" ")[2], name.casefold())
