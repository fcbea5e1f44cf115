"""What a roster file may look like, and what is refused as one."""

import io
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from services.members.imports import BadRow, Reason, Unreadable, mend, read_workbook, template
from services.members.imports.columns import COLUMNS, REASON, plain, recognise
from services.members.imports.dates import read_date
from services.members.imports.report import GoodRow
from services.members.imports.rows import Manner, read_row
from services.members.imports.tests.files import xlsx
from services.members.imports.workbook import MOST_BYTES, MOST_ROWS, Row
from shared.events.members import MemberStatus
from shared.refusal import Refused

TODAY = date(2026, 11, 22)


def find_cell(named: str) -> str:
    if named != "Chi bộ bản 2":
        raise Refused("import.cell_known", name=named)
    return "ban-2"


MANNER = Manner(find_cell, cell="ban-2", tells_official_days=True, today=TODAY)
GOOD = {"full_name": "Lò Thị Mẫu", "birth_date": "15/08/1962", "admitted_on": "19/05/1990", "official_on": "19/05/1991"}


def read(**values: Any) -> GoodRow | BadRow:
    return read_row(Row(7, {**GOOD, **values}), MANNER)


def reasons(**values: Any) -> list[str]:
    found = read(**values)
    assert isinstance(found, BadRow)
    return [reason.rule for reason in found.reasons]


def test_headings_are_known_in_any_order_case_and_diacritics() -> None:
    assert recognise(["STT", "ngay vao dang", " HỌ VÀ TÊN ", None, "Số điện thoại", "Miễn sinh-hoạt"]) == {
        "admitted_on": 1,
        "full_name": 2,
        "phone": 4,
        "exempt": 5,
    }


def test_headings_may_stand_below_a_title() -> None:
    file = xlsx([["Lò Thị Mẫu", 1962, "19/05/1990", None, None]], above=[["ĐẢNG BỘ XÃ MẪU"], [], ["DANH SÁCH"]])
    sheet = read_workbook(file)
    assert [(row.number, row.values["full_name"]) for row in sheet.rows] == [(5, "Lò Thị Mẫu")]


@pytest.mark.parametrize(
    ("value", "day", "precision"),
    [
        ("19/05/1990", date(1990, 5, 19), "day"),
        ("9-5-1990", date(1990, 5, 9), "day"),
        ("19.05.1990", date(1990, 5, 19), "day"),
        ("1990-05-19", date(1990, 5, 19), "day"),
        (datetime(1990, 5, 19), date(1990, 5, 19), "day"),  # noqa: DTZ001  (as openpyxl gives it)
        (33012, date(1990, 5, 19), "day"),
        ("05/1990", date(1990, 5, 1), "month"),
        (1990, date(1990, 1, 1), "year"),
        ("1990", date(1990, 1, 1), "year"),
    ],
)
def test_dates_are_read_as_people_write_them(value: object, day: date, precision: str) -> None:
    found = read_date(value)
    assert (found.day, found.precision) == (day, precision)


@pytest.mark.parametrize("value", ["31/02/1990", "19/05/90", "hôm qua", "05/19/1990", True, -3, "1/1/0000"])
def test_what_is_no_date_is_not_guessed(value: object) -> None:
    with pytest.raises(ValueError):
        read_date(value)


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_every_day_is_read_back(day: date) -> None:
    assert read_date(f"{day.day:02d}/{day.month:02d}/{day.year}").day == day


def test_a_good_row_becomes_an_admission() -> None:
    good = read(phone=900000001.0, exempt="X", cell="Chi bộ bản 2")
    assert isinstance(good, GoodRow)
    admission = good.admission
    assert (good.cell, admission.status, admission.exempt) == ("ban-2", MemberStatus.OFFICIAL, True)
    assert (admission.person.birth_date, admission.person.phone) == ("1962-08-15", "0900000001")


def test_a_year_alone_is_a_birth_date_but_an_admission_gets_its_first_day_and_a_note() -> None:
    good = read(birth_date=1962, admitted_on=1990)
    assert isinstance(good, GoodRow)
    assert (good.admission.person.birth_date, good.admission.admitted_on) == ("1962", date(1990, 1, 1))
    assert [note.rule for note in good.notes] == ["import.day_assumed"]


def test_a_file_without_official_days_takes_old_members_as_official_and_says_so() -> None:
    row = Row(7, {name: value for name, value in GOOD.items() if name != "official_on"})
    told = read_row(row, MANNER)
    untold = read_row(row, Manner(find_cell, "ban-2", tells_official_days=False, today=TODAY))
    assert isinstance(told, GoodRow)
    assert isinstance(untold, GoodRow)
    assert (told.admission.status, untold.admission.status) == (MemberStatus.PROBATIONARY, MemberStatus.OFFICIAL)
    assert [note.rule for note in untold.notes] == ["import.official_assumed"]


def test_a_bad_row_names_everything_that_is_wrong_with_it() -> None:
    assert reasons(full_name=" ", birth_date="31/02/1962", email="không có", cell="Chi bộ lạ") == [
        "import.cell_known",
        "import.date_readable",
        "import.email_readable",
        "member.name_given",
    ]
    assert reasons(exempt="có lẽ") == ["import.exempt_readable"]
    assert reasons(official_on="19/05/1989") == ["member.official_after_admission"]
    assert reasons(admitted_on="19/05/2090") == ["member.not_in_future", "member.official_after_admission"]
    assert reasons(birth_date="2001") == ["member.born_before_admission"]
    assert reasons(address="a" * 501) == ["import.text_too_long"]


def test_the_template_is_itself_a_good_roster() -> None:
    sheet = read_workbook(template())
    assert sheet.fields == {column.field for column in COLUMNS}
    [row] = sheet.rows
    assert isinstance(read_row(Row(2, row.values | {"cell": "Chi bộ bản 2"}), MANNER), GoodRow)


def test_bad_rows_come_back_as_they_were_with_their_reasons_and_no_formula() -> None:
    bad = BadRow(
        Row(9, {"full_name": "=HYPERLINK(1)", "admitted_on": 1990}), (Reason("import.cell_known", {"name": "Lạ"}),)
    )
    content = mend([bad], "vi")
    cells = [cell for row in load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(min_row=2) for cell in row]
    assert (cells[0].value, cells[0].data_type) == ("=HYPERLINK(1)", "s")
    assert "Lạ" in str(cells[-1].value)
    [again] = read_workbook(content).rows
    assert again.values == bad.row.values
    assert plain(REASON) not in {plain(name) for column in COLUMNS for name in (column.heading, *column.also)}


def refusal(content: bytes) -> str:
    with pytest.raises(Unreadable) as refused:
        read_workbook(content)
    return refused.value.rule


def archive(**entries: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return written.getvalue()


def test_what_is_no_workbook_is_refused() -> None:
    assert refusal(b"") == "import.not_a_workbook"
    assert refusal("Họ và tên;Ngày vào Đảng".encode()) == "import.not_a_workbook"
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)) == "import.not_a_workbook"  # an old .xls
    assert refusal(archive(hello=b"hello")) == "import.not_a_workbook"
    good = xlsx([["Lò Thị Mẫu", 1962, 1990, None, None]])
    assert refusal(good[: len(good) // 2]) == "import.not_a_workbook"


def test_a_workbook_whose_sheet_is_broken_is_refused() -> None:
    source, written = io.BytesIO(xlsx([["Lò Thị Mẫu", 1962, 1990, None, None]])), io.BytesIO()
    with zipfile.ZipFile(source) as good, zipfile.ZipFile(written, "w") as bad:
        for entry in good.namelist():
            content = good.read(entry)
            bad.writestr(entry, content[: len(content) // 2] if "sheet1" in entry else content)
    assert refusal(written.getvalue()) == "import.not_a_workbook"


def test_what_unpacks_to_far_too_much_is_refused_unopened() -> None:
    assert refusal(archive(bomb=bytes(61 * 1024 * 1024))) == "import.too_large"
    assert refusal(bytes(MOST_BYTES + 1)) == "import.too_large"
    assert refusal(archive(**{f"e{n}": b"" for n in range(501)})) == "import.too_large"


def test_a_file_without_the_headings_needed_is_refused() -> None:
    assert refusal(xlsx([["Lò Thị Mẫu", 1962]], headings=["Họ và tên", "Ngày sinh"])) == "import.headings_missing"


def test_a_formula_that_was_never_computed_is_no_value() -> None:
    [row] = read_workbook(xlsx([["Lò Thị Mẫu", "=1900+62", "=TODAY()", None, None]])).rows
    assert row.values == {"full_name": "Lò Thị Mẫu"}


def test_a_row_a_million_rows_below_is_found_and_those_between_cost_nothing() -> None:
    content = xlsx([["Lò Thị Mẫu", 1962, 1990, None, None]])
    source, written = io.BytesIO(content), io.BytesIO()
    with zipfile.ZipFile(source) as good, zipfile.ZipFile(written, "w") as made:
        for entry in good.namelist():
            text = good.read(entry)
            far = b'<row r="1048576"><c r="A1048576" t="n"><v>1</v></c></row></sheetData>'
            made.writestr(entry, text.replace(b"</sheetData>", far))
    assert [row.number for row in read_workbook(written.getvalue()).rows] == [2, 1048576]


def test_more_rows_than_any_party_organisation_has_are_refused() -> None:
    assert refusal(xlsx(["Người Mẫu", 1962, 1990] for _ in range(MOST_ROWS + 1))) == "import.too_many_rows"
