"""The same door and forms that a browser without script uses: cookies, CSRF, the way back."""

from tests.e2e.cell import MEETINGS, NAMES, Cell
from tests.support.browsing import visiting
from tests.support.deployment import Deployment


def test_a_secretary_logs_in_by_the_form_plans_and_opens_a_meeting(cell: Cell, deployment: Deployment) -> None:
    with visiting(deployment.url) as visitor:
        home = visitor.log_in(*cell.login_of(cell.secretary))
        assert home.url.path == "/meetings"
        planned = visitor.send(
            f"/meetings/plan?cell={cell.id}", "/meetings/plan",
            kind="thematic", theme="Chuyển đổi số ở cơ sở", planned_at="2026-11-20T14:00", place="Hội trường",
            form="in_person",
        )  # fmt: skip
        room = planned.url.path
        assert "Chuyển đổi số" in visitor.page(f"/meetings?cell={cell.id}") or room.startswith("/meetings/")
        visitor.send(room, f"{room}/notice")
        opened = visitor.send(room, f"{room}/opening", chair=cell.member(NAMES[0]), minute_taker=cell.member(NAMES[1]))
        assert opened.status_code == 200
        kept = cell.secretary.read(f"{MEETINGS}/{room.rpartition('/')[2]}")
        assert (kept["phase"], kept["theme"]) == ("open", "Chuyển đổi số ở cơ sở")


def test_a_form_of_another_site_is_refused(cell: Cell, deployment: Deployment) -> None:
    with visiting(deployment.url) as visitor:
        visitor.log_in(*cell.login_of(cell.secretary))
        before = cell.secretary.read(f"/meetings/api/v1/cells/{cell.id}/meetings")["items"]
        forged = visitor.http.post("/meetings/plan", data={"cell": cell.id, "csrf": "x", "kind": "extraordinary"})
        assert forged.status_code == 403
        assert cell.secretary.read(f"/meetings/api/v1/cells/{cell.id}/meetings")["items"] == before


def test_who_is_not_logged_in_is_led_to_the_door_and_back(cell: Cell, deployment: Deployment) -> None:
    with visiting(deployment.url) as visitor:
        asked = visitor.http.get(f"/meetings?cell={cell.id}")
        assert asked.url.path == "/login"
        login, password = cell.login_of(cell.secretary)
        arrived = visitor.http.post(
            "/login", data={"login": login, "password": password, "next": f"/meetings?cell={cell.id}"}
        )
        assert arrived.url.path == "/meetings"
        assert arrived.status_code == 200


def test_a_wrong_password_says_so_and_keeps_the_name(cell: Cell, deployment: Deployment) -> None:
    with visiting(deployment.url) as visitor:
        login, _password = cell.login_of(cell.secretary)
        answer = visitor.http.post("/login", data={"login": login, "password": "không phải thế"})
        assert answer.status_code == 401
        assert login in answer.text
        assert not visitor.http.cookies
