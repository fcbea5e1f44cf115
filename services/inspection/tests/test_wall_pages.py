"""What a supervisor sees: the wall, its parts, a cell's page."""

import re
from datetime import date

import httpx
import pytest

from services.inspection.tests import wall_kit as facts
from shared.auth.model import Actor
from shared.events.members import Office, RuleAdopted
from tests.support.house import House, actor

INSPECTOR = actor("an", (Office.INSPECTOR, "bloc"))
NORTH = actor("ba", (Office.COMMITTEE_OFFICE, "north"))
SECRETARY = actor("chi", (Office.CELL_SECRETARY, "c1"))


async def page(house: House, path: str, who: Actor = INSPECTOR, status: int = 200) -> str:
    async with house.client("inspection", who) as client:
        answer = await client.get(path)
    assert answer.status_code == status, answer.text
    return answer.text


def squares_of(html: str, cell: str) -> list[str]:
    """The twelve squares of a row, as markup."""
    row = re.search(rf'<tr id="c-{cell}".*?</tr>', html, re.S)
    assert row, f"no row of {cell}"
    return re.findall(r'<td class="sq.*?</td>', row[0], re.S)


def numbers_of(html: str, year: int) -> list[str]:
    """What the cells of a year's row say."""
    row = re.search(rf'<tr id="y-{year}">.*?</tr>', html, re.S)
    assert row, f"no row of {year}"
    return [" ".join(re.sub("<[^>]+>", " ", cell).split()) for cell in re.findall(r"<td.*?</td>", row[0], re.S)]


@pytest.mark.practice(39)
async def test_each_month_of_a_cell_says_whether_it_met_and_how_many_came(house: House) -> None:
    html = await page(house, "/inspection/wall/north")
    october = squares_of(html, "c1")[9]
    assert 'class="sq held unsent"' in october
    assert "/meetings/m1/minutes" in october
    assert "T10: đúng kỳ, dự 90% (9/10), phát biểu 55,6% (5/9), chưa gửi biên bản" in october
    assert "sq missing" in squares_of(html, "c2")[9]
    assert "sq ahead" in squares_of(html, "c1")[11]


@pytest.mark.practice(138)
@pytest.mark.practice(137)
async def test_the_figures_above_the_wall_show_what_they_are_out_of(house: House) -> None:
    html = await page(house, "/inspection/wall/bloc?month=10")
    assert "Đã sinh hoạt tháng 10" in html
    for figure in (
        "2/3",
        "1 chi bộ không sinh hoạt, 1 chi bộ muộn",
        "18/20 phải dự, cần đạt 90%",
        "10/18 có mặt, nên trên 50%",
        "0/2",
    ):
        assert figure in html, figure


async def test_the_target_shown_is_the_one_the_nearest_committee_has_adopted(house: House) -> None:
    adopted = RuleAdopted(
        organisation="north",
        code="meeting.attendance.target_pct",
        value=95,
        legal_basis="12-QĐ/ĐU",
        effective_from=date(2026, 1, 1),
    )
    await house.given("members", "rules:north", adopted, key="north")
    await house.settled()
    assert "cần đạt 95%" in await page(house, "/inspection/wall/north")
    assert "cần đạt 90%" in await page(house, "/inspection/wall/bloc")
    assert "cần đạt 85%" in await page(house, "/inspection/wall/north?year=2025&month=6")


@pytest.mark.practice(39)
async def test_a_committee_above_committees_sees_their_sums_and_can_see_every_cell(house: House) -> None:
    html = await page(house, "/inspection/wall/bloc")
    assert (
        "T10: đã sinh hoạt 1/2 chi bộ, 1 không sinh hoạt, dự 90% (9/10), 1 biên bản chưa gửi"
        in squares_of(html, "north")[9]
    )
    assert 'id="c-c1"' not in html
    assert 'id="c-c3"' in await page(house, "/inspection/wall/bloc?cells=all")


@pytest.mark.practice(138)
@pytest.mark.practice(139)
@pytest.mark.parametrize(
    ("query", "cells"),
    [
        ("only=missing", ["c2"]),
        ("only=late", ["c3"]),
        ("only=unsent", ["c1", "c3"]),
        ("sector=school", ["c2"]),
        ("name=phieng+loi", ["c1"]),
        ("cells=all&sort=missing", ["c2", "c1", "c3"]),
        ("cells=all&sort=attendance", ["c1", "c3", "c2"]),
        ("cells=all&sort=last_met", ["c2", "c3", "c1"]),
        ("name=khong-co", []),
    ],
)
async def test_cells_are_found_by_what_they_lack_and_by_name(house: House, query: str, cells: list[str]) -> None:
    html = await page(house, f"/inspection/wall/bloc?{query}")
    assert re.findall(r'<tr id="c-(\w+)"', html) == cells


async def test_nobody_sees_a_wall_above_or_beside_their_own(house: House) -> None:
    await page(house, "/inspection/wall/north", NORTH)
    for path in ("wall/bloc", "wall/south", "cells/c3", "wall/south/rows?ids=c3", "live?organisation=south"):
        await page(house, f"/inspection/{path}", NORTH, status=403)
    html = await page(house, "/inspection/wall/north", NORTH)
    assert "Đảng bộ Khối" not in html


async def test_whoever_supervises_one_organisation_comes_straight_to_its_wall(house: House) -> None:
    async with house.client("inspection", NORTH) as client:
        answer = await client.get("/inspection/wall")
    assert (answer.status_code, answer.headers["location"]) == (302, "/inspection/wall/north")


async def test_the_parts_that_change_can_be_fetched_alone(house: House) -> None:
    row = await page(house, "/inspection/wall/north/rows?ids=c1")
    assert len(squares_of(row, "c1")) == 12
    assert "<html" not in row
    for part, said in (
        ("summary", "1/2"),
        ("tree", "Đảng bộ phía Bắc"),
        ("just-happened", "gửi biên bản tháng 11/2026"),
    ):
        assert said in await page(house, f"/inspection/wall/north/{part}"), part


@pytest.mark.practice(56)
@pytest.mark.practice(54)
@pytest.mark.practice(55)
async def test_a_cell_has_its_numbers_of_each_year_with_their_bases(house: House) -> None:
    html = await page(house, "/inspection/cells/c1")
    assert numbers_of(html, 2026) == [
        "2/2 9 tháng chưa có số liệu", "0", "0", "0 cần 3", "90% (18/20)", "55,6% (10/18)", "1/2",
    ]  # fmt: skip


async def test_the_timeline_tells_what_happened_and_when_it_was_written_down(house: House) -> None:
    html = await page(house, "/inspection/cells/c2")
    assert "Không sinh hoạt tháng 10/2026, hạn cuối 10/10/2026" in html
    assert "Kết thúc sinh hoạt thường kỳ tháng 11/2026: dự 90% (9/10)" in await page(house, "/inspection/cells/c1")


@pytest.mark.practice(42)
@pytest.mark.practice(56)
@pytest.mark.practice(62)
@pytest.mark.practice(112)
@pytest.mark.practice(123)
async def test_signals_name_the_cells_and_the_evidence(house: House) -> None:
    html = await page(house, "/inspection/signals")
    for cell, said in (
        ("c2", "kỳ không sinh hoạt"),
        ("c1", "biên bản quá hạn chưa gửi"),
        ("c3", "chuyên đề còn thiếu"),
    ):
        assert f"/inspection/cells/{cell}?" in html
        assert said in html


async def test_the_base_of_a_year_is_the_months_a_cell_had_to_meet_and_of_which_something_is_known(
    house: House,
) -> None:
    """Established in August and met at once, met in September, missed October; November's window is still open."""
    new = facts.cell("c4", "north", "Chi bộ bản Mới", since=date(2026, 8, 12))
    await house.given("members", "organisation:c4", new, key="c4")
    await house.given("meetings", "meeting:m8", *facts.held("m8", "c4", "2026-08"), key="c4")
    await house.given("meetings", "meeting:m9", *facts.held("m9", "c4", "2026-09"), key="c4")
    await house.given("meetings", "cell-month:c4:2026-10", facts.missed("c4", "2026-10"), key="c4")
    await house.settled()
    html = await page(house, "/inspection/cells/c4")
    assert numbers_of(html, 2026)[0] == "2/3"
    squares = squares_of(await page(house, "/inspection/wall/north"), "c4")
    assert "sq outside" in squares[6]
    assert "T8: đúng kỳ" in squares[7]
    assert "sq missing" in squares[9]
    assert "sq ahead" in squares[10]
    assert "1/3" in await page(house, "/inspection/wall/north/summary?month=8")  # two were due, a third met at once


@pytest.mark.practice(106)
@pytest.mark.practice(110)
async def test_a_remark_is_recorded_once_and_counts_as_contact(house: House) -> None:
    form = {"period": "2026-10", "text": "Biên bản còn sơ sài.", "idempotency_key": "k1"}
    async with house.client("inspection", INSPECTOR) as client:
        for _again in range(2):
            answer = await client.post("/inspection/cells/c1/remarks", data=form)
            assert answer.status_code == 303
        html = (await client.get(answer.headers["location"])).text
    assert html.count("<p>Biên bản còn sơ sài.</p>") == 1
    assert "lần cuối cấp trên liên hệ: 0 ngày trước" in html


@pytest.mark.practice(106)
async def test_the_cells_own_secretary_reads_what_was_remarked_and_of_no_other_cell(house: House) -> None:
    async with house.client("inspection", INSPECTOR) as client:
        form = {"period": "2026-10", "text": "Nên ghi rõ người phát biểu."}
        sent = await client.post("/inspection/cells/c1/remarks", data=form)
    html = await page(house, sent.headers["location"], SECRETARY)
    assert "<p>Nên ghi rõ người phát biểu.</p>" in html
    assert "Ghi nhận xét" not in html
    for path in ("cells/c2", "wall/c1", "wall/north", "live?organisation=c2"):
        await page(house, f"/inspection/{path}", SECRETARY, status=403)


async def test_a_refused_remark_keeps_what_was_typed(house: House) -> None:
    async with house.client("inspection", INSPECTOR) as client:
        answer = await client.post("/inspection/cells/c1/remarks", data={"period": "2026-12", "text": "Chờ xem."})
    assert answer.status_code == 422
    assert "Chờ xem." in answer.text
    assert "Chưa thể nhận xét về tháng chưa bắt đầu" in answer.text


async def test_a_remark_with_a_character_nobody_sees_comes_back_without_it(house: House) -> None:
    async with house.client("inspection", INSPECTOR) as client:
        form = {"period": "2026-10", "text": "Biên bản\0 chưa ghi ý kiến."}
        page = await client.post("/inspection/cells/c1/remarks", data=form)
        program = await client.post("/inspection/api/v1/cells/c1/remarks", json=form)
        sought = await client.get("/inspection/wall/bloc", params={"name": "a\0"})
    assert page.status_code == program.status_code == sought.status_code == 422
    assert "có ký tự không đọc được" in page.text
    assert "Biên bản chưa ghi ý kiến.</textarea>" in page.text
    assert program.json()["rule"] == "text.readable"


async def test_a_committee_office_reads_but_does_not_remark(house: House) -> None:
    assert "Ghi nhận xét" not in await page(house, "/inspection/cells/c1", NORTH)
    async with house.client("inspection", NORTH) as client:
        answer = await client.post("/inspection/cells/c1/remarks", data={"period": "2026-10", "text": "…"})
    assert answer.status_code == 403


async def test_the_wall_speaks_english_when_asked(house: House) -> None:
    async with house.client("inspection", INSPECTOR) as client:
        html = (await client.get("/inspection/wall/north", headers={"cookie": "chibo_lang=en"})).text
    assert "T10: on time, attendance 90% (9/10)" in html


async def test_a_page_of_nineteen_cells_stays_under_a_hundred_kilobytes(house: House) -> None:
    for number in range(17):
        cell = f"3f2b9c1e-7a54-4d0e-9a51-{number:012d}"
        await house.given("members", f"organisation:{cell}", facts.cell(cell, "north"), key=cell)
        for month in range(1, 12):
            period, meeting = f"2026-{month:02d}", f"9d1c7b52-0e3f-4a66-{month:04d}-{number:012d}"
            await house.given("meetings", f"meeting:{meeting}", *facts.held(meeting, cell, period), key=cell)
    await house.settled()
    answer = await page(house, "/inspection/wall/north")
    assert len(re.findall(r'<tr id="c-', answer)) == 19
    assert len(answer.encode()) < 100_000


async def test_an_unknown_organisation_is_no_place_to_look(house: House) -> None:
    await page(house, "/inspection/wall/nowhere", status=403)


async def test_a_cursor_that_was_never_given_is_refused(house: House) -> None:
    async with house.client("inspection", INSPECTOR) as client:
        answer: httpx.Response = await client.get("/inspection/wall/bloc?cells=all&after=eHg")
    assert answer.status_code == 422
