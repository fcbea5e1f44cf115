"""The pages without any script: every form is plain HTML, and what was typed comes back when it is refused."""

import re
from html import unescape

import httpx
import pytest

from services.meetings.domain.meeting.agenda import CONCLUSION, DISCUSSION, item_id
from services.meetings.tests.cell import (
    AFTERNOON,
    CELL,
    COMMITTEE,
    FOUNDED,
    INSPECTOR,
    MINUTE_TAKER,
    STRANGER,
    Cell,
    afternoon,
    period,
)
from shared.events.members import RuleAdopted
from shared.privacy import ERASED
from shared.rules.adopted import VIEW as RULES


async def page(cell: Cell, path: str, who: object = None) -> str:
    browser = cell.browser(who) if who is not None else cell.browser()
    answer = await browser.get(path)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


async def send(cell: Cell, path: str, /, **fields: str) -> httpx.Response:
    return await cell.browser().post(path, data=fields, follow_redirects=True)


async def test_a_whole_meeting_is_held_with_forms_alone(cell: Cell) -> None:
    form = await page(cell, f"/meetings/plan?cell={CELL}&period={period()}")
    assert 'name="planned_at" type="datetime-local"' in form
    given = {"cell": CELL, "period": period(), "kind": "regular", "form": "in_person", "place": "Nhà văn hóa bản"}
    planned = await send(cell, "/meetings/plan", planned_at=f"{AFTERNOON:%Y-%m-%d}T14:00", **given)
    base = planned.url.path
    assert "Đã thông báo cho đảng viên" in planned.text
    assert "Khai mạc" in (await send(cell, f"{base}/notice")).text
    opened = await send(cell, f"{base}/opening", chair="thanh", minute_taker="mai")
    assert "Ghi 4 đồng chí còn lại có mặt" in opened.text
    called = await send(
        cell, f"{base}/attendance", **{"status-minh": "excused", "reason-minh": "ốm", "rest": "present"}
    )
    assert "Điểm danh 4/4" in called.text
    meeting = base.rpartition("/")[2]
    said = {"item": item_id(meeting, DISCUSSION), "speaker": "hoa", "text": "Đề nghị làm lại đường nội bản."}
    assert "Đề nghị làm lại đường nội bản." in (await send(cell, f"{base}/statements", **said)).text
    concluded = {"item": item_id(meeting, CONCLUSION), "text": "Nhất trí làm đường."}
    await send(cell, f"{base}/conclusions", **concluded)
    task = {"owner": "minh", "description": "Vận động", "quantity": "1,5", "unit": "ngày công"}
    given_task = await send(cell, f"{base}/tasks", **task, deadline=afternoon(1).date().isoformat())
    assert "1,5 ngày công" in given_task.text
    cell.clock.on(minutes=95)
    assert "Ký xác nhận biên bản" in (await send(cell, f"{base}/closing")).text
    assert "Gửi biên bản lên cấp trên" in (await send(cell, f"{base}/confirmation")).text
    sent = await send(cell, f"{base}/sending-up")
    assert re.search(r"đã gửi \d\d:\d\d", sent.text)
    assert "Đã gửi biên bản lên cấp ủy cấp trên." in sent.text


@pytest.mark.practice(14)
async def test_the_share_of_those_who_speak_is_the_one_the_committee_has_set(cell: Cell) -> None:
    meeting = await cell.gathered()
    said = {"item": item_id(meeting, DISCUSSION), "speaker": "hoa", "text": "Nhất trí với dự thảo."}
    await send(cell, f"/meetings/{meeting}/statements", **said)
    closing = f"/meetings/{meeting}?step=close"
    shipped = "Phát biểu 33,3% (1/3) số đồng chí dự; mức nên đạt: trên 50% (Mức nêu trong 113-BC/BTCĐUK (15/7/2013))."
    assert shipped in await page(cell, closing)
    for share, said_of in ((">=1/3", ""), (">=2/3", "mức nên đạt: từ 66,7% (7-QĐ/ĐU)")):
        rule = RuleAdopted(
            organisation=COMMITTEE,
            code="meeting.speaking.share",
            value=share,
            legal_basis="7-QĐ/ĐU",
            effective_from=FOUNDED,
        )
        adopted = await cell.house.given("members", f"rules:{share}", rule, key=COMMITTEE)
        await cell.house.caught_up("meetings", RULES, adopted)
        assert ("mức nên đạt" in await page(cell, closing)) is bool(said_of)
        assert said_of in await page(cell, closing)


@pytest.mark.practice(18)
@pytest.mark.practice(53)
@pytest.mark.practice(51)
async def test_the_minutes_hold_what_minutes_must_hold(cell: Cell) -> None:
    meeting = await cell.closed()
    text = await page(cell, f"/meetings/{meeting}/minutes")
    for content in (
        "Chi bộ bản Mẫu",
        "Đảng bộ xã Mẫu",
        f"Số 1/{period()[:4]}",
        "Sinh hoạt thường kỳ",
        "95 phút",
        "Nhà văn hóa bản",
        "5 (chính thức 4, dự bị 1)",
        "75% (3/4) phải dự",
        "Quàng Văn Mẫu Minh (đi công tác)",
        "Lò Thị Mẫu Hoa:",
        "Nhất trí với dự thảo.",
        "Giao đồng chí Minh vận động 12 hộ.",
        "THƯ KÝ",
        "Tòng Thị Mẫu Mai",
    ):
        assert content in text


@pytest.mark.practice(36)
@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("in_person", "trực tiếp"),
        ("expanded", "mở rộng"),
        ("field", "thực địa"),
        ("online", "trực tuyến"),
        ("by_groups", "theo tổ đảng"),
    ],
)
async def test_the_form_of_a_meeting_is_chosen_and_shown(cell: Cell, form: str, said: str) -> None:
    given = {"cell": CELL, "period": period(), "kind": "regular", "form": form, "place": "Nhà văn hóa bản"}
    planned = await send(cell, "/meetings/plan", planned_at=f"{AFTERNOON:%Y-%m-%d}T14:00", **given)
    plan = unescape(planned.text).partition("Hình thức")[2].partition("</dd>")[0]
    assert said in plan.lower()


@pytest.mark.practice(6)
@pytest.mark.practice(8)
@pytest.mark.practice(29)
@pytest.mark.practice(44)
async def test_the_standing_items_are_on_the_agenda_of_every_regular_meeting(cell: Cell) -> None:
    text = await page(cell, f"/meetings/{await cell.planned()}")
    for item in (
        "Tình hình tư tưởng của đảng viên và quần chúng",
        "Kết quả thực hiện nhiệm vụ tháng trước",
        "Học tập và làm theo tư tưởng, đạo đức, phong cách Hồ Chí Minh",
        "Dự thảo nhiệm vụ tháng tới",
    ):
        assert item in text


async def test_a_refused_statement_comes_back_with_its_reason_and_all_that_was_typed(cell: Cell) -> None:
    meeting = await cell.gathered()
    fields = {"item": item_id(meeting, DISCUSSION), "speaker": "minh", "text": "Một ý kiến rất dài, gõ rất lâu"}
    answer = await send(cell, f"/meetings/{meeting}/statements", **fields)
    assert answer.status_code == 422
    assert "chưa được điểm danh có mặt" in answer.text
    assert "Căn cứ" in answer.text
    assert "Một ý kiến rất dài, gõ rất lâu</textarea>" in answer.text


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/statements", {"speaker": "hoa", "text": "Đề nghị{} làm đường"}),
        ("/conclusions", {"text": "Nhất trí{} làm đường"}),
        ("/guests", {"capacity": "Thôn{} đội trưởng"}),
        ("/tasks", {"description": "Vận động{}"}),
        ("/attendance", {"status-minh": "excused", "reason-minh": "đi{} công tác"}),
        ("/corrections", {"what": "note:", "after": "Ghi{} thêm", "reason": "thiếu"}),
        ("/move", {"planned_at": "2026-11-10T14:00", "place": "Nhà{} văn hóa", "reason": "mưa"}),
    ],
)
async def test_a_character_nobody_sees_is_refused_and_the_rest_comes_back(
    cell: Cell, path: str, fields: dict[str, str]
) -> None:
    meeting = {"/corrections": cell.closed, "/move": cell.planned}.get(path, cell.gathered)
    base = f"/meetings/{await meeting()}"
    answer = await send(cell, f"{base}{path}", **{name: text.format("\0") for name, text in fields.items()})
    assert answer.status_code == 422
    assert "có ký tự không đọc được" in answer.text
    for text in fields.values():
        assert "{}" not in text or text.format("") in unescape(answer.text)


async def test_a_plan_with_a_character_nobody_sees_comes_back(cell: Cell) -> None:
    given = {"cell": CELL, "period": period(), "kind": "regular", "form": "in_person", "place": "Nhà\0 văn hóa"}
    answer = await send(cell, "/meetings/plan", planned_at=f"{AFTERNOON:%Y-%m-%d}T14:00", **given)
    assert answer.status_code == 422
    assert "có ký tự không đọc được" in answer.text
    assert 'value="Nhà văn hóa"' in answer.text
    assert (await cell.browser().get("/meetings", params={"q": "a\0"})).status_code == 422


@pytest.mark.practice(13)
async def test_a_task_form_marks_each_field_that_is_missing(cell: Cell) -> None:
    meeting = await cell.gathered()
    answer = await send(cell, f"/meetings/{meeting}/tasks", description="Vận động làm đường", unit="hộ")
    assert answer.status_code == 422
    assert answer.text.count('class="error"') == 3
    assert "người thực hiện, số lượng, thời hạn" in answer.text
    wrong = await send(
        cell, f"/meetings/{meeting}/tasks", owner="minh", description="Vận động", quantity="nhiều", unit="hộ"
    )
    assert "Số lượng phải là một con số" in wrong.text


async def test_the_roll_call_form_changes_only_what_its_reader_changed(cell: Cell) -> None:
    meeting = await cell.gathered()
    stale = {f"status-{member}": "unexcused" for member in ("minh",)} | {
        "was-minh": "unexcused",
        "status-hoa": "present",
    }
    await send(cell, f"/meetings/{meeting}/attendance", **stale, **{"was-hoa": "present"})
    found = (await cell.browser().get(f"/meetings/api/v1/meetings/{meeting}")).json()
    assert {record["member"]: record["status"] for record in found["attendance"]}["minh"] == "excused"


async def test_the_address_of_the_room_names_its_step_so_that_live_changes_keep_to_it(cell: Cell) -> None:
    meeting = await cell.opened()
    room = await cell.browser().get(f"/meetings/{meeting}")
    assert (room.status_code, room.headers["location"]) == (303, f"/meetings/{meeting}?step=roll")
    assert (await cell.browser(INSPECTOR).get(f"/meetings/{meeting}")).status_code == 200


async def test_a_member_on_no_roll_is_refused_at_the_form(cell: Cell) -> None:
    meeting = await cell.opened()
    answer = await send(cell, f"/meetings/{meeting}/attendance", **{"status-thanh": "sleeping"})
    assert answer.status_code == 422
    assert "Chưa chọn" in answer.text


@pytest.mark.practice(26)
@pytest.mark.practice(51)
async def test_closing_lists_everything_that_is_missing(cell: Cell) -> None:
    meeting = await cell.opened()
    await send(cell, f"/meetings/{meeting}/attendance", **{"status-minh": "excused"})
    text = await page(cell, f"/meetings/{meeting}?step=close")
    assert "Biên bản còn thiếu 5 nội dung bắt buộc" in text
    assert "Còn 3 đồng chí chưa được điểm danh" in text
    assert "1 đồng chí vắng có lý do mà chưa ghi lý do" in text
    assert "Bế mạc buổi sinh hoạt</button>" not in text


@pytest.mark.practice(47)
async def test_a_short_meeting_is_pointed_out_with_the_rule_before_closing(cell: Cell) -> None:
    meeting = await cell.gathered()
    cell.clock.on(minutes=41)
    text = await page(cell, f"/meetings/{meeting}?step=close")
    assert "Mới 41 phút; quy định ít nhất 90 phút (42-HD/BTCTW (28/10/2025))." in text
    cell.clock.on(minutes=60 * 3)
    assert "dài hơn thường lệ" in await page(cell, f"/meetings/{meeting}?step=close")


@pytest.mark.practice(14)
async def test_who_has_not_spoken_stands_first_and_the_rate_is_of_those_present(cell: Cell) -> None:
    meeting = await cell.gathered()
    said = {"item": item_id(meeting, DISCUSSION), "speaker": "hoa", "text": "Nhất trí."}
    text = unescape((await send(cell, f"/meetings/{meeting}/statements", **said)).text)
    assert "33,3% (1/3) số có mặt" in text
    assert (
        text.index('label="Chưa phát biểu"')
        < text.index("Tòng Thị Mẫu Mai</option>")
        < text.index('label="Đã phát biểu"')
    )


@pytest.mark.practice(37)
async def test_a_guest_is_recorded_by_office_and_is_no_speaker(cell: Cell) -> None:
    meeting = await cell.gathered()
    await send(cell, f"/meetings/{meeting}/guests", capacity="Trưởng ban công tác mặt trận bản")
    assert "Trưởng ban công tác mặt trận bản" in await page(cell, f"/meetings/{meeting}?step=roll")
    assert "mặt trận" not in await page(cell, f"/meetings/{meeting}?step=talk")


@pytest.mark.practice(58)
async def test_moving_needs_a_reason_and_keeps_what_was_typed(cell: Cell) -> None:
    meeting = await cell.planned()
    moved = {"planned_at": f"{AFTERNOON:%Y-%m}-12T08:30", "place": "UBND xã", "reason": ""}
    refused = await send(cell, f"/meetings/{meeting}/move", **moved)
    assert "Dời kỳ sinh hoạt phải ghi lý do." in refused.text
    assert 'value="UBND xã"' in refused.text
    done = await send(cell, f"/meetings/{meeting}/move", **moved | {"reason": "Nhiều đồng chí đi công tác xa"})
    assert f"08:30 12/{AFTERNOON:%m/%Y}" in done.text


async def test_a_correction_shows_what_stood_and_what_is_right(cell: Cell) -> None:
    meeting = await cell.closed()
    fields = {"what": "attendance:minh", "status": "present", "reason": "Thư ký ghi nhầm"}
    text = (await send(cell, f"/meetings/{meeting}/corrections", **fields)).text
    assert "<del>vắng có lý do</del> → <ins>có mặt</ins>" in text
    assert "100% (4/4)" in text
    without = await send(cell, f"/meetings/{meeting}/corrections", what="note:", after="Đồng chí Minh về muộn")
    assert "Đính chính phải ghi lý do." in without.text
    assert "Đồng chí Minh về muộn</textarea>" in without.text


@pytest.mark.practice(34)
async def test_planning_proposes_the_cells_fixed_day(cell: Cell) -> None:
    text = await page(cell, f"/meetings/plan?cell={CELL}&period={period(1)}")
    assert "Ngày cố định của chi bộ: ngày 10 hằng tháng." in text or "trùng ngày nghỉ lễ" in text


@pytest.mark.practice(20)
async def test_a_plan_that_cannot_be_read_or_exists_already_comes_back_as_typed(cell: Cell) -> None:
    fields = {"cell": CELL, "period": period(), "kind": "thematic", "form": "in_person", "planned_at": "hôm nay"}
    unread = await send(cell, "/meetings/plan", **fields, place="Hội trường", theme="")
    assert "Chưa đọc được ngày giờ" in unread.text
    assert 'value="Hội trường"' in unread.text
    nameless = await send(cell, "/meetings/plan", **fields | {"planned_at": f"{AFTERNOON:%Y-%m-%d}T14:00"}, place="x")
    assert "Sinh hoạt chuyên đề phải ghi rõ chuyên đề." in nameless.text


@pytest.mark.practice(123)
async def test_the_first_page_names_the_one_next_step_and_what_is_owed(cell: Cell) -> None:
    month = AFTERNOON.month
    assert f"Lập kế hoạch tháng {month}" in await page(cell, "/meetings")
    meeting = await cell.planned()
    await cell.house.settled()
    assert "Thông báo cho đảng viên" in await page(cell, "/meetings")
    await cell.done(f"/meetings/{meeting}/opening", {"chair": "thanh", "minute_taker": "mai"})
    await cell.hold(meeting)
    cell.clock.on(days=5)
    await cell.house.settled()
    text = await page(cell, "/meetings")
    assert "Ký xác nhận biên bản" in text
    assert "quá hạn 3 ngày" in text
    assert f"/meetings/{meeting}/minutes" in text
    assert "Dự 75% (3/4)" in text


@pytest.mark.practice(48)
async def test_who_came_three_times_without_a_word_is_pointed_out_to_the_chair(cell: Cell) -> None:
    for months in (-3, -2, -1):
        await cell.paper(afternoon(months))
    meeting = await cell.gathered()
    text = await page(cell, f"/meetings/{meeting}?step=talk")
    assert "chưa phát biểu ba kỳ liền" in text
    assert "Tòng Thị Mẫu Mai" in text.split("chưa phát biểu ba kỳ liền")[0].rsplit("note", 1)[1]
    assert "dự mà chưa phát biểu 3 kỳ liền" in await page(cell, "/meetings")
    assert "chưa phát biểu 3 kỳ liền" not in await page(cell, f"/meetings?cell={CELL}", INSPECTOR)


async def test_whoever_only_reads_is_offered_nothing_to_change(cell: Cell) -> None:
    meeting = await cell.gathered()
    text = await page(cell, f"/meetings/{meeting}", INSPECTOR)
    assert "Đang diễn ra" in text
    assert "vắng có lý do" in text
    assert f'action="/meetings/{meeting}' not in text
    refused = await cell.browser(INSPECTOR).post(f"/meetings/{meeting}/guests", data={"capacity": "Khách"})
    assert refused.status_code == 403
    assert (await cell.browser(STRANGER).get(f"/meetings/{meeting}")).status_code == 403


@pytest.mark.practice(18)
async def test_the_minute_taker_records_and_leaves_the_conclusion_to_the_secretary(cell: Cell) -> None:
    meeting = await cell.gathered()
    text = await page(cell, f"/meetings/{meeting}?step=conclude", MINUTE_TAKER)
    assert "Kết luận do bí thư hoặc phó bí thư ghi." in text
    assert "conclude-form" not in text


async def test_a_committee_finds_its_cells_and_their_month(cell: Cell) -> None:
    await cell.closed()
    await cell.house.settled()
    text = await page(cell, "/meetings", INSPECTOR)
    assert "Chi bộ bản Mẫu" in text
    assert "chờ ký biên bản" in text
    assert "75% (3/4)" in text
    found = await page(cell, "/meetings?q=khác", INSPECTOR)
    assert "Chi bộ bản Khác" in found
    assert "Chi bộ bản Mẫu" not in found
    assert (await cell.browser(STRANGER).get("/meetings", params={"cell": CELL})).status_code == 403


async def test_the_pages_speak_english_when_asked(cell: Cell) -> None:
    meeting = await cell.gathered()
    browser = cell.browser()
    browser.cookies.set("chibo_lang", "en")
    text = (await browser.get(f"/meetings/{meeting}?step=roll")).text
    assert "3 present · 1 excused · 1 exempt" in text
    assert "On to discussion" in text
    refused = await browser.post(f"/meetings/{meeting}/guests", data={"capacity": " "})
    assert "A guest is recorded with office and body." in refused.text


async def test_an_erased_person_is_nowhere_named(cell: Cell) -> None:
    meeting = await cell.closed()
    cell.keys.lent["minh"] = ERASED
    text = await page(cell, f"/meetings/{meeting}/minutes")
    assert "Mẫu Minh" not in text
    assert "(đã xóa theo yêu cầu) (đi công tác)" in text


async def test_the_description_of_the_api_is_served_with_examples(cell: Cell) -> None:
    described = (await cell.browser().get("/meetings/openapi.json")).json()
    paths = [path for path in described["paths"] if path.startswith("/meetings/api/v1")]
    assert "/meetings/api/v1/meetings/{meeting}/statements" in paths
    assert "/meetings/api/v1/paper-meetings" in paths
    assert "Đề nghị làm lại đường nội bản trước Tết." in str(described["components"]["schemas"]["StatementBody"])
    assert not [
        path for path in described["paths"] if not path.startswith(("/meetings/api/v1", "/internal", "/health"))
    ]
