"""The roll, the record, its readings and its erasure over HTTP, on the real service."""

from datetime import date

import pytest

from services.members.tests.house import House
from shared.events.members import MemberStatus, Office
from shared.privacy import ERASED, UNKNOWN, RemoteKeyring
from shared.roster import ROSTER, roster_of

API = "/members/api/v1"
ADMISSION = {
    "full_name": "Lò Thị Mẫu",
    "birth_date": "1962",
    "status": "official",
    "admitted_on": "1990-05-19",
    "official_on": "1991-05-19",
    "phone": "0900 000 001",
}


async def test_a_member_is_admitted_once_however_often_the_request_is_sent(house: House) -> None:
    client = await house.browser((Office.CELL_SECRETARY, "ban-2"))
    key = {"Idempotency-Key": "k1"}
    first = await client.post(f"{API}/cells/ban-2/members", json=ADMISSION, headers=key)
    again = await client.post(f"{API}/cells/ban-2/members", json=ADMISSION, headers=key)
    assert (first.status_code, again.json()["repeated"]) == (201, True)
    assert first.json()["answer"] == again.json()["answer"]
    roll = (await client.get(f"{API}/cells/ban-2/members", params={"at": first.json()["position"]})).json()
    assert [(one["full_name"], one["status"]) for one in roll["items"]] == [("Lò Thị Mẫu", "official")]
    assert await house.ctx.pool.fetchval("SELECT count(*) FROM person_key") == 1


async def test_nothing_personal_lies_in_the_log_or_the_views_in_clear(house: House) -> None:
    await house.member(birth_date="1962", phone="0900000001", email="mau@example.org")
    await house.desk.up_to_date(ROSTER)
    log = await house.ctx.pool.fetch("SELECT data || metadata AS text FROM public.event")
    roll = await house.ctx.pool.fetch("SELECT row_to_json(m)::text AS text FROM view_roster.member m")
    everything = " ".join(row["text"] for row in (*log, *roll))
    assert all(secret not in everything for secret in ("Lò Thị", '"1962"', "0900000001", "mau@example.org"))


async def test_the_roll_comes_a_page_at_a_time(house: House) -> None:
    for n in range(5):
        await house.member(name=f"Người Mẫu {n}")
    await house.desk.up_to_date(ROSTER)
    client = await house.browser((Office.COMMITTEE_OFFICE, "xa"))
    seen, cursor = [], None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(f"{API}/cells/ban-2/members", params=params)).json()
        seen += [one["full_name"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert sorted(seen) == [f"Người Mẫu {n}" for n in range(5)]


async def test_a_file_is_corrected_recognised_exempted_and_closed(house: House) -> None:
    member = await house.member(status=MemberStatus.PROBATIONARY)
    client = await house.browser((Office.COMMITTEE_OFFICE, "xa"))
    at = f"{API}/members/{member}"
    for path, body in (
        ("corrections", {"decision": "46-QĐ/ĐU", "phone": "0900 000 002"}),
        ("recognition", {"official_on": "2022-02-03", "decision": "45-QĐ/ĐU"}),
        ("exemption", {"exempt": True, "from_on": "2026-01-01", "reason": "tuổi cao"}),
        ("leaving", {"left_on": "2026-11-20", "reason": "chuyển sinh hoạt"}),
    ):
        assert (await client.post(f"{at}/{path}", json=body)).status_code == 200
    record = (await client.get(at)).json()
    assert (record["phone"], record["full_name"]) == ("0900 000 002", "Lò Thị Mẫu")
    assert (record["status"], record["exempt"], record["left_on"]) == ("official", True, "2026-11-20")
    refused = await client.post(f"{at}/corrections", json={"decision": "", "phone": "0900 000 003"})
    assert refused.json()["rule"] == "member.decision_named"
    stale = await client.post(
        f"{at}/corrections", json={"decision": "1-QĐ", "phone": "0900 000 003"}, headers={"If-Match": '"1"'}
    )
    assert stale.status_code == 412


async def test_who_reads_a_record_is_seen_by_the_data_protection_officer(house: House) -> None:
    member = await house.member()
    await house.desk.up_to_date(ROSTER)
    reader = await house.browser((Office.COMMITTEE_OFFICE, "xa"))
    own = await house.browser((Office.CELL_SECRETARY, "ban-2"), member=member)
    for client in (reader, own):
        assert (await client.get(f"{API}/members/{member}")).status_code == 200
    await reader.get(f"{API}/cells/ban-2/members")
    officer = await house.browser((Office.DATA_PROTECTION_OFFICER, "tinh"))
    readings = (await officer.get(f"{API}/readings")).json()["items"]
    assert [(one["what"], one["person"]) for one in readings] == [("roll", None), ("record", member)]
    of_one = (await officer.get(f"{API}/readings", params={"person": member})).json()["items"]
    assert [one["what"] for one in of_one] == ["record"]
    elsewhere = await house.browser((Office.DATA_PROTECTION_OFFICER, "phuong"))
    assert (await elsewhere.get(f"{API}/readings")).json()["items"] == []
    assert (await reader.get(f"{API}/readings")).status_code == 403


async def test_an_erased_person_is_gone_and_the_log_still_verifies(house: House) -> None:
    member, other = await house.member(), await house.member(name="Lò Văn Mẫu")
    reader, officer = (
        await house.browser((Office.COMMITTEE_OFFICE, "xa")),
        await house.browser((Office.DATA_PROTECTION_OFFICER, "tinh")),
    )
    erasure = {"reason": "Theo yêu cầu của chủ thể dữ liệu"}
    assert (await reader.post(f"{API}/members/{member}/erasure", json=erasure)).status_code == 403
    done = await officer.post(f"{API}/members/{member}/erasure", json=erasure)
    assert done.status_code == 200
    roll = (await reader.get(f"{API}/cells/ban-2/members", params={"at": done.json()["position"]})).json()["items"]
    assert {one["member"]: (one["full_name"], one["erased"]) for one in roll} == {
        member: (None, True),
        other: ("Lò Văn Mẫu", False),
    }
    record = (await reader.get(f"{API}/members/{member}")).json()
    assert (record["erased"], record["full_name"]) == (True, None)
    blanked = {row.member: row.full_name is None for row in await roster_of(house.ctx.pool, "ban-2")}
    assert blanked == {member: True, other: False}
    assert (await house.ctx.log.verify()).broken == []
    corrected = await reader.post(f"{API}/members/{member}/corrections", json={"decision": "1-QĐ", "full_name": "Ai"})
    assert corrected.json()["rule"] == "member.not_erased"


async def test_other_services_borrow_keys_and_learn_of_an_erasure(house: House) -> None:
    member, gone = await house.member(), await house.member(name="Lò Văn Mẫu")
    await house.desk.up_to_date(ROSTER)
    roll = {row.member: row.full_name for row in await roster_of(house.ctx.pool, "ban-2")}
    officer = await house.browser((Office.DATA_PROTECTION_OFFICER, "tinh"))
    await officer.post(f"{API}/members/{gone}/erasure", json={"reason": "yêu cầu"})
    keyring = RemoteKeyring(house.service("meetings"))
    opened = await keyring.open_many([(member, roll[member]), (gone, roll[gone]), ("nobody", roll[member])])
    assert opened == ["Lò Thị Mẫu", ERASED, UNKNOWN]
    assert (await officer.post("/internal/keys", json={"people": [member]})).status_code == 401


@pytest.mark.parametrize(
    ("cell", "change", "rule"),
    [
        ("xa", {}, "member.cell_is_a_cell"),
        ("ban-2", {"birth_date": "2001"}, "member.born_before_admission"),
        ("ban-2", {"admitted_on": "2026-12-24", "official_on": None}, "member.not_in_future"),
        ("ban-2", {"official_on": "1980-01-01"}, "member.official_after_admission"),
        ("ban-2", {"birth_date": "1962-02-31"}, "request.invalid"),
        ("ban-2", {"nickname": "Mẫu"}, "request.invalid"),
        ("ban-2", {"full_name": "Mẫu\u0000"}, "text.readable"),
    ],
)
async def test_what_makes_no_sense_is_refused_and_leaves_no_key(
    house: House, cell: str, change: dict[str, object], rule: str
) -> None:
    client = await house.browser((Office.COMMITTEE_OFFICE, "tinh"))
    answer = await client.post(f"{API}/cells/{cell}/members", json=ADMISSION | change)
    assert (answer.status_code, answer.json()["rule"]) == (422, rule)
    assert await house.ctx.pool.fetchval("SELECT count(*) FROM person_key") == 0


async def test_a_secretary_keeps_only_the_roll_of_their_own_cell(house: House) -> None:
    member = await house.member("to-1", admitted_on=date(2020, 1, 1))
    secretary = await house.browser((Office.CELL_SECRETARY, "ban-2"))
    assert (await secretary.get(f"{API}/members/{member}")).status_code == 403
    assert (await secretary.post(f"{API}/cells/to-1/members", json=ADMISSION)).status_code == 403
    unknown = await secretary.get(f"{API}/members/nobody")
    assert (unknown.status_code, unknown.json()["rule"]) == (404, "member.known")
