"""A roster is checked and taken in on the real service: nothing lost, nobody twice."""

import io
from datetime import date

import httpx
from openpyxl import load_workbook

from services.members.imports import read_workbook, take_in
from services.members.imports.tests.files import xlsx
from services.members.register.desk import opened
from services.members.register.people import erase
from services.members.tests.house import House
from shared.events.members import MemberStatus, Office
from shared.roster import ROSTER, head_counts, roster_of

PATH = "/members/api/v1/organisations/{}/roster-imports"
ROWS = [
    ["Lò Thị Mẫu", "15/08/1962", "19/05/1990", "19/05/1991", "Chi bộ bản 2"],
    ["Lò Văn Mẫu", 1970, "03/02/1995", "03/02/1996", "bản 10"],
    ["", "01/01/1970", "03/02/1995", None, "Chi bộ bản 2"],
    ["Quàng Văn Mẫu", "1980", "không nhớ", None, "Chi bộ không có"],
    ["LÒ  THỊ MẪU", "15/08/1962", "19/05/1990", "19/05/1991", "chi bo ban 2"],
]


async def send(
    client: httpx.AsyncClient, content: bytes, root: str = "xa", path: str = "", **params: str
) -> httpx.Response:
    return await client.post(PATH.format(root) + path, files={"file": ("roster.xlsx", content)}, params=params)


async def office(house: House, root: str = "xa") -> httpx.AsyncClient:
    return await house.browser((Office.COMMITTEE_OFFICE, root))


async def test_a_dry_run_lists_every_bad_row_and_the_real_run_loses_no_good_one(house: House) -> None:
    client, content = await office(house), xlsx(ROWS)
    dry = (await send(client, content, dry_run="true")).json()
    assert (dry["total"], dry["good"], dry["known"]) == (5, 2, 0)
    assert {bad["row"]: bad["rules"] for bad in dry["bad"]} == {
        4: ["member.name_given"],
        5: ["import.cell_known", "import.date_readable"],
        6: ["import.named_once"],
    }
    assert "không phải là ngày" in " ".join(dry["bad"][1]["reasons"])
    assert await house.ctx.pool.fetchval("SELECT count(*) FROM person_key") == 0
    real = (await send(client, content)).json()
    assert (real["good"], len(real["bad"]), real["dry_run"]) == (2, 3, False)
    await house.desk.up_to_date(ROSTER)
    assert (await head_counts(house.ctx.pool, "xa", date(2026, 11, 22)))["xa"].members == 2


async def test_the_same_file_again_adds_nobody(house: House) -> None:
    client = await office(house)
    first = (await send(client, xlsx(ROWS[:2]))).json()
    again = (await send(client, xlsx(ROWS[:2]))).json()
    assert (first["good"], first["known"], again["good"], again["known"]) == (2, 0, 0, 2)


async def test_a_mended_file_brings_in_the_rest(house: House) -> None:
    client = await office(house)
    await send(client, xlsx(ROWS))
    bad = await send(client, xlsx(ROWS), path="/bad-rows")
    assert bad.headers["content-type"].endswith("spreadsheetml.sheet")
    book = load_workbook(io.BytesIO(bad.content))
    sheet = book.worksheets[0]
    assert sheet.max_row == 3  # the row named twice is on the roll by now
    sheet["A2"], sheet["C3"], sheet["H3"] = "Lường Thị Mẫu", "19/05/2005", "Chi bộ bản 10"
    mended = io.BytesIO()
    book.save(mended)
    answer = (await send(client, mended.getvalue())).json()
    assert (answer["good"], answer["bad"]) == (2, [])


async def test_a_person_on_the_roll_is_known_again_by_name_and_birth(house: House) -> None:
    await house.member(name="Lò Thị Mẫu", birth_date="1962", status=MemberStatus.OFFICIAL)
    rows = [ROWS[0], ["Lò Thị Mẫu", "1975", "19/05/1990", "19/05/1991", "Chi bộ bản 2"]]
    dry = (await send(await office(house), xlsx(rows), dry_run="true")).json()
    assert (dry["good"], dry["known"]) == (1, 1)


async def test_rows_that_name_no_cell_enter_the_cell_the_import_is_for(house: House) -> None:
    rows = [["Lò Thị Mẫu", 1962, "19/05/1990", "19/05/1991", None]]
    client = await office(house)
    assert (await send(client, xlsx(rows), dry_run="true")).json()["bad"][0]["rules"] == ["import.cell_given"]
    assert (await send(client, xlsx(rows), root="ban-2")).json()["good"] == 1
    await house.desk.up_to_date(ROSTER)
    assert len(await roster_of(house.ctx.pool, "ban-2")) == 1


async def test_nobody_imports_into_cells_of_others(house: House) -> None:
    elsewhere = [["Lò Thị Mẫu", 1962, "19/05/1990", "19/05/1991", "Chi bộ tổ 1"]]
    client = await office(house)
    assert (await send(client, xlsx(elsewhere))).json()["bad"][0]["rules"] == ["import.cell_known"]
    assert (await send(client, xlsx(elsewhere), root="phuong")).status_code == 403
    secretary = await house.browser((Office.CELL_SECRETARY, "ban-2"))
    assert (await send(secretary, xlsx(elsewhere), root="ban-2")).status_code == 403


async def test_what_is_no_roster_is_one_clear_answer(house: House) -> None:
    client = await office(house)
    answer = await send(client, b"no workbook")
    assert (answer.status_code, answer.json()["rule"]) == (422, "import.not_a_workbook")
    template = await client.get("/members/api/v1/roster-template")
    assert "birth_date" in read_workbook(template.content).fields


async def test_a_command_line_imports_and_erases_beside_the_running_service(house: House) -> None:
    async with opened(house.ctx.settings, house.ctx.clock) as desk:
        report, last = await take_in(desk, house.command(), xlsx(ROWS), ["xa"])
        assert (len(report.good), len(report.bad)) == (2, 3)
        assert last is not None
        await desk.up_to_date(ROSTER)
        [member] = await roster_of(desk.pool, "ban-10")
        await erase(desk, house.command(), member.member, reason="theo yêu cầu")
        await desk.up_to_date(ROSTER)
        [member] = await roster_of(desk.pool, "ban-10")
        assert (member.erased, member.full_name) == (True, None)


async def test_a_large_roster_is_taken_in_whole_and_says_how_far_it_is(house: House) -> None:
    rows = [
        [f"Người Mẫu {n}", 1950 + n % 50, "03/02/2005", "03/02/2006", f"Chi bộ bản {(2, 10)[n % 2]}"]
        for n in range(2000)
    ]
    seen: list[tuple[int, int]] = []
    report, _ = await take_in(
        house.desk, house.command(), xlsx(rows), ["xa"], progress=lambda done, of: seen.append((done, of))
    )
    assert (len(report.good), report.bad) == (2000, [])
    assert seen[-1] == (2000, 2000)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    await house.desk.up_to_date(ROSTER)
    assert (await head_counts(house.ctx.pool, "xa", date(2026, 11, 22)))["xa"].official == 2000
