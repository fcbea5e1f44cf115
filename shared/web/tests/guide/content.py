"""A ward's year as it might be: 19 cells, 12 months, as of 22/11/2026. All names are invented."""

from dataclasses import dataclass, field
from typing import Final

_CELLS: Final = [
    ("bản Phiêng Lợi", 22),
    ("bản Púng Tôm", 14),
    ("bản Nà Lơi", 11),
    ("bản Co Củ", 9),
    ("bản Pa Pốm", 13),
    ("bản Tân Quang", 12),
    ("bản Noong Bua", 10),
    ("bản Huổi Phạ", 8),
    ("phố 1", 17),
    ("phố 2", 15),
    ("phố 3", 12),
    ("phố 4", 9),
    ("Trường Tiểu học Thanh Minh", 18),
    ("Trường Mầm non", 15),
    ("Trường Trung học cơ sở", 14),
    ("Trường Phổ thông dân tộc nội trú", 11),
    ("Trạm Y tế", 6),
    ("Cơ quan xã", 24),
    ("Công an xã", 7),
]
_LATE: Final = {(0, 9), (1, 10), (2, 2), (4, 8), (4, 9), (13, 6), (16, 5), (17, 9)}
_MISSING: Final = {(2, 4), (2, 6), (2, 9), (2, 10), (2, 11), (12, 8)}


@dataclass(frozen=True, slots=True)
class Month:
    state: str
    text: str
    title: str
    thematic: bool = False
    unsent: bool = False
    now: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    name: str
    members: int
    held: int
    rate: float
    months: list[Month] = field(default_factory=list)


def _month(cell: int, month: int) -> Month:
    if month == 12:
        return Month("none", "–", "tháng 12: chưa đến hạn")
    rate = 84 + (cell * 7 + month * 5) % 17
    if (cell, month) in _MISSING:
        return Month("missing", "0", f"tháng {month}: không sinh hoạt")
    state = "late" if (cell, month) in _LATE else "held"
    thematic = month in (3, 6, 9) and cell % 5 != 3
    said = "muộn" if state == "late" else "đúng kỳ"
    title = f"tháng {month}: {said}, {rate}% dự" + (", chuyên đề" if thematic else "")
    return Month(state, str(rate), title, thematic, (cell, month) in {(4, 11), (8, 11)}, (cell, month) == (0, 11))


def _row(cell: int) -> Row:
    name, members = _CELLS[cell]
    months = [_month(cell, month) for month in range(1, 13)]
    held = sum(month.state in ("held", "late") for month in months)
    return Row(f"cell-{cell}", name, members, held, 84 + cell * 13 % 12, months)


WALL: Final = [_row(cell) for cell in range(len(_CELLS))]

ROLL: Final = [
    ("Lò Thị Hoa", "đảng viên", "present"),
    ("Quàng Văn Minh", "đi công tác đến 20/11", "excused"),
    ("Cà Văn Sơn", "miễn sinh hoạt · vẫn được dự", ""),
]
