"""The .xlsx files we hand out: the template, and the bad rows of an import with what is wrong with each."""

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from services.members.imports.columns import COLUMNS, REASON
from services.members.imports.report import BadRow

_EXAMPLE = (
    "Lò Thị Mẫu", "15/08/1962", "19/05/1990", "19/05/1991", "0900 000 001", "mau@example.org", "Bản Mẫu",
    "Chi bộ bản Mẫu", "",
)  # fmt: skip


def template() -> bytes:
    """An empty roster with its headings and one made-up row to write over."""
    return _workbook([column.heading for column in COLUMNS], [_EXAMPLE])


def mend(bad: Sequence[BadRow], locale: str) -> bytes:
    """The bad rows as they came, with the reasons in a last column; mended, the file can be sent again as it is."""
    rows = (
        [
            *(one.row.values.get(column.field) for column in COLUMNS),
            " ".join(reason.say(locale) for reason in one.reasons),
        ]
        for one in bad
    )
    return _workbook([*(column.heading for column in COLUMNS), REASON], rows)


def _workbook(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet("Danh sách đảng viên")
    for index in range(len(headings)):
        sheet.column_dimensions[chr(ord("A") + index)].width = 22
    sheet.freeze_panes = "A2"
    bold = []
    for heading in headings:
        cell = WriteOnlyCell(sheet, value=heading)
        cell.font = Font(bold=True)
        bold.append(cell)
    sheet.append(bold)
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _cell(sheet: Any, value: Any) -> Any:
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, datetime | date):
        cell.number_format = "dd/mm/yyyy"
    elif isinstance(value, str):
        cell.data_type = "s"  # a text that begins with "=" stays a text: no formula of a stranger runs
    return cell
