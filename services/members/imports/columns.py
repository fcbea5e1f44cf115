"""The columns of a roster file: recognised by their headings, in any order, whatever the case and the diacritics."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Column:
    field: str
    heading: str  # as our own template writes it
    also: tuple[str, ...] = ()


COLUMNS: Final = (
    Column(
        "full_name", "Họ và tên", ("họ tên", "họ và tên đảng viên", "họ tên khai sinh", "họ và tên khai sinh", "tên")
    ),
    Column("birth_date", "Ngày sinh", ("năm sinh", "ngày tháng năm sinh", "sinh ngày", "ngày, tháng, năm sinh")),
    Column("admitted_on", "Ngày vào Đảng", ("ngày kết nạp", "vào đảng", "ngày vào đảng dự bị", "ngày kết nạp đảng")),
    Column("official_on", "Ngày chính thức", ("chính thức", "ngày vào đảng chính thức", "ngày công nhận chính thức")),
    Column("phone", "Điện thoại", ("số điện thoại", "sđt", "đt", "di động", "điện thoại di động")),
    Column("email", "Email", ("thư điện tử", "e mail", "địa chỉ email", "hộp thư")),
    Column("address", "Địa chỉ", ("nơi ở", "nơi ở hiện nay", "địa chỉ thường trú", "nơi cư trú", "chỗ ở")),
    Column("cell", "Chi bộ", ("tên chi bộ", "chi bộ sinh hoạt", "đơn vị", "sinh hoạt tại chi bộ")),
    Column("exempt", "Miễn sinh hoạt", ("miễn", "miễn công tác và sinh hoạt", "miễn công tác sinh hoạt", "miễn sh")),
)
REASON: Final = "Lý do chưa nhận"  # the column our own list of bad rows adds; read back, it is passed over
_NOT_A_WORD: Final = re.compile(r"[^a-z0-9]+")


def plain(text: str) -> str:
    """The text without case, diacritics and punctuation, for comparing what people type."""
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _NOT_A_WORD.sub(" ", letters).strip()


_FIELD_OF: Final = {plain(name): column.field for column in COLUMNS for name in (column.heading, *column.also)}


def recognise(cells: Sequence[object]) -> dict[str, int]:
    """Field -> index of its column, for a row that may hold headings; the first of two alike counts."""
    found: dict[str, int] = {}
    for index, cell in enumerate(cells):
        field = _FIELD_OF.get(plain(str(cell))) if cell is not None else None
        if field is not None:
            found.setdefault(field, index)
    return found
