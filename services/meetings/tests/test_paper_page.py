"""The page for a meeting that was held on paper: one form, without script, in which nothing typed is lost."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import httpx

from services.meetings.tests.cell import AFTERNOON, CELL, INSPECTOR, MINUTE_TAKER, STRANGER, Cell, afternoon, period
from shared.clock import vietnam_date

DAY = afternoon(-1)  # a month ago, on the cell's day


def book(**changes: str) -> dict[str, str]:
    """What the secretary types: four were due, three came, one spoke."""
    return {
        "cell": CELL,
        "period": period(-1),
        "kind": "regular",
        "form": "in_person",
        "day": f"{DAY:%Y-%m-%d}",
        "opened": "19:30",
        "closed": "21:05",
        "place": "Nhà văn hóa bản",
        "chair": "thanh",
        "minute_taker": "mai",
        **{f"status-{member}": "present" for member in ("thanh", "mai", "hoa")},
        "status-minh": "excused",
        "reason-minh": "đi công tác",
        "status-son": "exempt",
        "guest-1": "Trưởng ban công tác mặt trận bản",
        "speaker-2": "hoa",
        "said-2": "Đề nghị làm lại đường nội bản.",
        "conclusion": "Nhất trí làm đường.",
        "owner-1": "minh",
        "description-1": "Vận động các hộ",
        "quantity-1": "1,5",
        "unit-1": "ngày công",
        "deadline-1": f"{vietnam_date(AFTERNOON):%Y-%m-%d}",
        "confirmed": "yes",
        "sent_on": f"{DAY:%Y-%m-%d}",
    } | changes


async def send(cell: Cell, fields: dict[str, str], who: Any = None) -> httpx.Response:
    browser = cell.browser(who) if who else cell.browser()
    return await browser.post("/meetings/paper", data=fields, follow_redirects=True)


async def page(cell: Cell, path: str) -> str:
    answer = await cell.browser().get(path)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


async def meeting_of(cell: Cell, answer: httpx.Response) -> dict[str, Any]:
    meeting = answer.url.path.split("/")[2]
    found: dict[str, Any] = (await cell.browser().get(f"/meetings/api/v1/meetings/{meeting}")).json()
    return found


async def test_a_meeting_held_without_network_is_entered_from_the_book_in_one_form(cell: Cell) -> None:
    form = await page(cell, f"/meetings/paper?cell={CELL}&period={period(-1)}")
    assert f'value="{DAY:%Y-%m-%d}"' in form
    assert len(re.findall(r'value="present" checked', form)) == 4
    answer = await send(cell, book())
    assert answer.status_code == 200, answer.text
    text = unescape(answer.text)
    for content in ("nhập từ sổ giấy", "Lò Văn Mẫu Thanh", "75% (3/4) phải dự", "95 phút", "Đề nghị làm lại đường"):
        assert content in text
    found = await meeting_of(cell, answer)
    assert (found["phase"], found["entry"], found["period"], found["late"]) == ("sent_up", "paper", period(-1), False)
    assert (found["tally"]["spoke"], found["tally"]["guests"], found["tally"]["tasks"]) == (1, 1, 1)
    assert "95 phút · sổ giấy</span>" in await page(cell, f"/meetings?cell={CELL}")


REFUSED = [
    ({"said-2": ""}, "Ý kiến thứ 2 còn thiếu người phát biểu hoặc nội dung."),
    ({"speaker-2": "minh"}, "Người phát biểu của ý kiến thứ 2 đang được điểm danh vắng."),
    ({"unit-1": "", "deadline-1": ""}, "Việc thứ 1 còn thiếu: đơn vị tính, thời hạn."),
    ({"quantity-1": "nhiều"}, "Số lượng phải là một con số"),
    ({"status-hoa": ""}, "còn 1 đồng chí chưa được điểm danh"),
    ({"reason-minh": ""}, "vắng có lý do mà chưa ghi lý do"),
    ({"closed": "18:00"}, "Giờ bế mạc không thể trước giờ khai mạc."),
    ({"closed": ""}, "Chưa đọc được ngày giờ"),
    ({"day": "hôm qua"}, "Chưa đọc được ngày giờ"),
    ({"conclusion": ""}, "Chưa ghi nội dung kết luận."),
    ({"chair": ""}, "Chủ trì"),
    ({"confirmed": ""}, "thì phải là biên bản đã ký"),
    ({"place": "Nhà\0 văn hóa bản"}, "có ký tự không đọc được"),
    ({"kind": "thematic"}, "chuyên đề"),
]


async def test_what_is_refused_comes_back_with_its_reason_and_all_that_was_typed(cell: Cell) -> None:
    for changes, said in REFUSED:
        typed = book(**changes)
        answer = await send(cell, typed)
        text = unescape(answer.text)
        assert answer.status_code == 422, changes
        assert said in text.partition('role="alert"')[2], changes
        shown = dict(re.findall(r'<input id="[^"]*" name="([^"]*)" type="[a-z]*"[^>]*? ?value="([^"]*)"', text))
        shown |= dict(re.findall(r'<textarea[^>]* name="([^"]*)"[^>]*>([^<]*)</textarea>', text))
        shown |= dict(re.findall(r'name="(status-\w+)" value="(\w+)" checked', text))
        for name, select in re.findall(r'<select id="[^"]*" name="([^"]*)"[^>]*>(.*?)</select>', text, re.S):
            shown[name] = next(iter(re.findall(r'value="([^"]*)" selected', select)), "")
        shown["confirmed"] = "yes" if re.search(r'name="confirmed" value="yes" checked', text) else ""
        lost = {
            name for name, value in typed.items() if name != "cell" and shown.get(name, "") != value.replace("\0", "")
        }
        assert lost == set(), changes


async def test_more_rows_are_given_without_script_and_nothing_is_recorded(cell: Cell) -> None:
    answer = await send(cell, book(more="statements", statements="5"))
    text = unescape(answer.text)
    assert answer.status_code == 200
    assert 'name="said-10"' in text
    assert 'name="said-11"' not in text
    assert "Đề nghị làm lại đường nội bản.</textarea>" in text
    assert 'role="alert"' not in text
    more = await send(cell, book(statements="10", **{"speaker-9": "mai", "said-9": "Nhất trí."}))
    assert (await meeting_of(cell, more))["tally"]["spoke"] == 2


async def test_a_meeting_that_was_planned_here_goes_on_from_its_plan(cell: Cell) -> None:
    planned = {"planned_at": afternoon(-1).isoformat(), "period": period(-1), "place": "Hội trường xã"}
    meeting = await cell.planned(**planned)
    assert f"/meetings/paper?meeting={meeting}" in await page(cell, f"/meetings/{meeting}")
    form = await page(cell, f"/meetings/paper?meeting={meeting}")
    assert "Kỳ này đã lập kế hoạch" in form
    assert 'value="Hội trường xã"' in form
    fields = {name: text for name, text in book().items() if name not in ("period", "kind", "form", "cell")}
    found = await meeting_of(cell, await send(cell, fields | {"meeting": meeting}))
    assert (found["meeting"], found["entry"], found["place"]) == (meeting, "paper", "Nhà văn hóa bản")
    again = await send(cell, book())
    assert again.status_code == 409
    assert "đã được lập" in again.text


async def test_a_thematic_meeting_of_a_month_whose_regular_one_is_planned_is_another(cell: Cell) -> None:
    await cell.planned(planned_at=afternoon(-1).isoformat(), period=period(-1))
    found = await meeting_of(cell, await send(cell, book(kind="thematic", theme="Nêu gương")))
    assert (found["kind"], found["theme"], found["entry"]) == ("thematic", "Nêu gương", "paper")


async def test_a_month_that_was_missed_offers_the_page_and_is_missed_no_more(cell: Cell) -> None:
    from services.meetings.handlers import notice_month_missed, window_basis

    missed = period(-1)
    cell.clock.on(days=40)
    await notice_month_missed(cell.ctx, CELL, missed, await window_basis(cell.ctx, CELL, missed))
    await cell.house.settled()
    link = f"/meetings/paper?cell={CELL}&period={missed}"
    assert link in await page(cell, f"/meetings?cell={CELL}")
    await send(cell, book())
    assert link not in await page(cell, f"/meetings?cell={CELL}")


async def test_the_page_begins_with_the_latest_month_that_has_no_meeting_yet(cell: Cell) -> None:
    for month in (0, -1):
        await cell.paper(afternoon(month) - timedelta(hours=2))
    form = await page(cell, f"/meetings/paper?cell={CELL}")
    assert re.search(rf'<option value="{period(-2)}" selected>', form)
    assert re.search(rf'<option value="{period(-1)}">[^<]* · đã ghi</option>', form)


async def test_without_a_cell_one_is_sent_to_where_cells_are_chosen(cell: Cell) -> None:
    answer = await cell.browser().get("/meetings/paper")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/meetings"


async def test_the_minute_taker_enters_but_does_not_sign(cell: Cell) -> None:
    form = await cell.browser(MINUTE_TAKER).get(f"/meetings/paper?cell={CELL}")
    assert 'name="confirmed"' not in form.text
    assert (await send(cell, book(), MINUTE_TAKER)).status_code == 403
    unsigned = await send(cell, book(confirmed="", sent_on=""), MINUTE_TAKER)
    assert (await meeting_of(cell, unsigned))["phase"] == "closed"
    page_of_book = {
        "cell": CELL,
        "planned_at": DAY.isoformat(),
        "place": "Nhà văn hóa bản",
        "opened_at": DAY.isoformat(),
        "closed_at": (DAY + timedelta(minutes=95)).isoformat(),
        "chair": "thanh",
        "minute_taker": "mai",
        "conclusion": "Nhất trí.",
        "confirmed_at": (DAY + timedelta(minutes=95)).isoformat(),
    }
    assert (await cell.ask("/paper-meetings", page_of_book, MINUTE_TAKER)).status_code == 403


async def test_only_the_cells_own_officers_enter(cell: Cell) -> None:
    for outsider in (STRANGER, INSPECTOR):
        assert (await cell.browser(outsider).get(f"/meetings/paper?cell={CELL}")).status_code == 403
        assert (await send(cell, book(), outsider)).status_code == 403
    assert (await cell.browser().get("/meetings/paper?meeting=unknown")).status_code == 404


async def test_pressing_twice_records_once(cell: Cell) -> None:
    first = await send(cell, book(idempotency_key="k"))
    again = await send(cell, book(idempotency_key="k"))
    assert first.url.path == again.url.path
    assert again.status_code == 200
