"""Reading an .xlsx that anybody may have sent: bounded in size, rows and columns, whatever the file claims to be."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from services.members.imports.columns import recognise
from shared.refusal import Refused

MOST_BYTES: Final = 5 * 1024 * 1024  # as it arrives
MOST_UNPACKED: Final = 60 * 1024 * 1024  # zip bombs unpack to a thousand times their size; rosters to ten times
MOST_ENTRIES: Final = 500
MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 60
HEADINGS_WITHIN: Final = 20  # rows: above the headings files carry the committee's name and a title
NEEDED: Final = ("full_name", "admitted_on")


class Unreadable(Refused):
    """The file as a whole cannot be read as a roster."""


@dataclass(frozen=True, slots=True)
class Row:
    """``number`` as Excel shows it; ``values`` by field, blank ones left out."""

    number: int
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    fields: frozenset[str]
    rows: list[Row]


def read_workbook(content: bytes) -> Sheet:
    """The rows below the headings of the first sheet that has them. Raises `Unreadable`."""
    _require_modest(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    except (zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, OSError) as error:
        raise Unreadable("import.not_a_workbook") from error
    try:
        missing: list[str] = list(NEEDED)
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # what a file says of its own size is not to be trusted
            numbered = enumerate(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS), 1)
            headings: dict[str, int] = {}
            for _, cells in islice(numbered, HEADINGS_WITHIN):
                headings = recognise(cells)
                if "full_name" in headings:
                    break
            missing = [field for field in NEEDED if field not in headings]
            if not missing:
                return Sheet(frozenset(headings), list(_rows(numbered, headings)))
        raise Unreadable("import.headings_missing")
    except (ParseError, KeyError, ValueError, zipfile.BadZipFile, EOFError) as error:
        raise Unreadable("import.not_a_workbook") from error
    finally:
        book.close()


def _require_modest(content: bytes) -> None:
    if len(content) > MOST_BYTES:
        raise Unreadable("import.too_large", limit=f"{MOST_BYTES // 1024 // 1024} MB")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile as error:
        raise Unreadable("import.not_a_workbook") from error
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise Unreadable("import.too_large", limit=f"{MOST_UNPACKED // 1024 // 1024} MB")


def _rows(numbered: Iterator[tuple[int, Sequence[Any]]], headings: dict[str, int]) -> Iterator[Row]:
    taken = 0
    for number, cells in numbered:
        values = {
            field: cells[index]
            for field, index in headings.items()
            if index < len(cells) and cells[index] is not None and str(cells[index]).strip() != ""
        }
        if not values:
            continue
        taken += 1
        if taken > MOST_ROWS:
            raise Unreadable("import.too_many_rows", limit=MOST_ROWS)
        yield Row(number, values)
