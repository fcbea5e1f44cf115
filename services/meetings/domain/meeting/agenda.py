"""The agenda a meeting starts with: the 17 steps of a regular one, the shorter course of the others (42-HD/BTCTW)."""

from shared.events.meetings import AgendaItem, MeetingKind
from shared.ids import derived_id

Step = tuple[str, str, str]  # part, kind, title

DISCUSSION = "discussion"
CONCLUSION = "conclusion"

REGULAR: tuple[Step, ...] = (
    ("opening", "introduction", "Nêu lý do, giới thiệu đại biểu"),
    ("opening", "minute_taker", "Cử thư ký"),
    ("opening", "roll_call", "Điểm danh"),
    ("opening", "dues", "Tình hình đóng đảng phí"),
    ("opening", "agenda_approval", "Thông qua chương trình"),
    ("proceedings", "current_affairs", "Thông tin thời sự, phổ biến văn bản mới"),
    ("proceedings", "ideology", "Tình hình tư tưởng của đảng viên và quần chúng"),
    ("proceedings", "last_month", "Kết quả thực hiện nhiệm vụ tháng trước"),
    ("proceedings", "good_example", "Học tập và làm theo tư tưởng, đạo đức, phong cách Hồ Chí Minh"),
    ("proceedings", "next_month", "Dự thảo nhiệm vụ tháng tới"),
    ("proceedings", DISCUSSION, "Thảo luận; tự phê bình và phê bình"),
    ("proceedings", "other_matters", "Việc khác: kết nạp, công nhận chính thức, kỷ luật, giám sát, đơn thư"),
    ("closing", CONCLUSION, "Chủ trì tổng hợp ý kiến và kết luận"),
    ("closing", "tasks", "Phân công nhiệm vụ"),
    ("closing", "vote", "Biểu quyết"),
    ("closing", "score", "Đánh giá, chấm điểm buổi sinh hoạt"),
    ("closing", "reading", "Thư ký đọc biên bản, bế mạc"),
)

THEMATIC: tuple[Step, ...] = (
    ("opening", "introduction", "Nêu lý do, mục đích, ý nghĩa của chuyên đề"),
    ("opening", "roll_call", "Cử thư ký, điểm danh"),
    ("proceedings", "theme", "Trình bày chuyên đề"),
    ("proceedings", DISCUSSION, "Tham luận, thảo luận"),
    ("closing", CONCLUSION, "Chủ trì kết luận"),
    ("closing", "tasks", "Phân công nhiệm vụ"),
    ("closing", "reading", "Thư ký đọc biên bản, bế mạc"),
)

EXTRAORDINARY: tuple[Step, ...] = (
    ("opening", "introduction", "Nêu lý do triệu tập"),
    ("opening", "roll_call", "Cử thư ký, điểm danh"),
    ("proceedings", "matter", "Trình bày nội dung"),
    ("proceedings", DISCUSSION, "Thảo luận"),
    ("closing", CONCLUSION, "Chủ trì kết luận"),
    ("closing", "tasks", "Phân công nhiệm vụ"),
    ("closing", "reading", "Thư ký đọc biên bản, bế mạc"),
)

_STEPS = {MeetingKind.REGULAR: REGULAR, MeetingKind.THEMATIC: THEMATIC, MeetingKind.EXTRAORDINARY: EXTRAORDINARY}


def template(meeting: str, kind: MeetingKind) -> tuple[AgendaItem, ...]:
    """The agenda of a kind; an item's id follows from the meeting and the step, so that orders can name it early."""
    return tuple(
        AgendaItem(item=item_id(meeting, step), part=part, number=number, kind=step, title=title)
        for number, (part, step, title) in enumerate(_STEPS[kind], start=1)
    )


def item_id(meeting: str, step: str) -> str:
    return derived_id("agenda-item", meeting, step)
