"""The users' own words for what events name by code."""

from typing import Final

from services.meetings.domain.meeting import Phase
from shared.events.meetings import AttendanceStatus, MeetingForm, MeetingKind
from shared.web.i18n import Lazy, lazy

KINDS: Final[dict[str, Lazy]] = {
    MeetingKind.REGULAR: lazy("Sinh hoạt thường kỳ"),
    MeetingKind.THEMATIC: lazy("Sinh hoạt chuyên đề"),
    MeetingKind.EXTRAORDINARY: lazy("Sinh hoạt bất thường"),
}

FORMS: Final[dict[str, Lazy]] = {
    MeetingForm.IN_PERSON: lazy("Trực tiếp"),
    MeetingForm.EXPANDED: lazy("Mở rộng, có khách mời"),
    MeetingForm.FIELD: lazy("Thực địa"),
    MeetingForm.ONLINE: lazy("Trực tuyến"),
    MeetingForm.BY_GROUPS: lazy("Theo tổ đảng"),
}

PHASES: Final[dict[str, Lazy]] = {
    Phase.PLANNED: lazy("đã lập kế hoạch"),
    Phase.NOTIFIED: lazy("đã thông báo"),
    Phase.OPEN: lazy("đang diễn ra"),
    Phase.CLOSED: lazy("chờ ký biên bản"),
    Phase.CONFIRMED: lazy("chờ gửi biên bản"),
    Phase.SENT_UP: lazy("đã gửi biên bản"),
    Phase.CANCELLED: lazy("đã hủy"),
}

PHASE_TONES: Final[dict[str, str]] = {
    Phase.OPEN: "thematic",
    Phase.CLOSED: "late",
    Phase.CONFIRMED: "late",
    Phase.SENT_UP: "held",
}

STATUSES: Final[dict[str, Lazy]] = {
    AttendanceStatus.PRESENT: lazy("có mặt"),
    AttendanceStatus.EXCUSED: lazy("vắng có lý do"),
    AttendanceStatus.UNEXCUSED: lazy("vắng không lý do"),
    AttendanceStatus.EXEMPT: lazy("miễn sinh hoạt, không dự"),
}

STATUS_TONES: Final[dict[str, str]] = {
    AttendanceStatus.PRESENT: "held",
    AttendanceStatus.EXCUSED: "late",
    AttendanceStatus.UNEXCUSED: "missing",
    AttendanceStatus.EXEMPT: "",
}

PARTS: Final[dict[str, Lazy]] = {
    "opening": lazy("Mở đầu"),
    "proceedings": lazy("Nội dung"),
    "closing": lazy("Kết thúc"),
}

SUBJECTS: Final[dict[str, Lazy]] = {
    "attendance": lazy("điểm danh"),
    "statement": lazy("ý kiến phát biểu"),
    "conclusion": lazy("kết luận"),
    "task": lazy("phân công"),
    "note": lazy("ghi chú"),
}

REASONS: Final[tuple[Lazy, ...]] = (lazy("đi công tác"), lazy("ốm"), lazy("việc gia đình"), lazy("đi học"))
"""What is often written; anything else may be typed."""
