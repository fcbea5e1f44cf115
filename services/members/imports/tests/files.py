"""Roster files made on the spot."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook

HEADINGS = ("Họ và tên", "Ngày sinh", "Ngày vào Đảng", "Ngày chính thức", "Chi bộ")


def xlsx(
    rows: Iterable[Sequence[Any]], headings: Sequence[str] = HEADINGS, above: Sequence[Sequence[Any]] = ()
) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (*above, headings, *rows):
        sheet.append(list(row))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()
