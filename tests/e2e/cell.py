"""A cell of its own for a test: established, filled from an .xlsx, staffed and in the end dissolved, all over HTTP."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from openpyxl import Workbook

from deploy.local.demo.logins import PASSWORD
from shared.clock import system_clock
from shared.vietnam import period_of, vietnam_date
from tests.support.people import Person, Recorded

MEMBERS = "/members/api/v1"
MEETINGS = "/meetings/api/v1/meetings"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADINGS = ("Họ và tên", "Ngày sinh", "Ngày vào Đảng", "Ngày chính thức", "Miễn sinh hoạt")
ROSTER = (
    ("Người Thử Một", "1970", "03/02/1995", "03/02/1996", None),
    ("Người Thử Hai", "12/05/1980", "19/05/2005", "19/05/2006", None),
    ("Người Thử Ba", "1985", "02/09/2010", "02/09/2011", None),
    ("Người Thử Bốn", "1990", "07/11/2015", "07/11/2016", None),
    ("Người Thử Năm", "1940", "01/01/1965", "01/01/1966", "x"),
)
NAMES = [row[0] for row in ROSTER]
NOW = vietnam_date(system_clock())
PERIOD, YEAR = period_of(NOW), NOW.year


def xlsx(rows: Any) -> bytes:
    book, written = Workbook(), BytesIO()
    sheet = book.worksheets[0]
    for row in (HEADINGS, *rows):
        sheet.append(list(row))
    book.save(written)
    return written.getvalue()


@dataclass
class Cell:
    """``office`` is the committee office above it, ``secretary`` its own; ``members`` are ids by name."""

    id: str
    url: str
    office: Person
    secretary: Person = field(init=False)
    accounts: list[str] = field(default_factory=list)
    logins: dict[Person, str] = field(default_factory=dict)

    def bring(self, content: bytes, *, dry_run: bool = False) -> dict[str, Any]:
        """Import a roster file; what the answer says of its rows."""
        answer = self.office.http.post(
            f"{MEMBERS}/organisations/{self.id}/roster-imports",
            params={"dry_run": dry_run},
            files={"file": ("danh-sach.xlsx", content, XLSX)},
            headers={"Idempotency-Key": secrets.token_hex(8)},
        )
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def roll(self, at: str | None = None) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.office.read(f"{MEMBERS}/cells/{self.id}/members", at=at)["items"]
        return found

    def member(self, name: str) -> str:
        return next(str(one["member"]) for one in self.roll() if one["full_name"] == name)

    def give_office(self, office: str, member: str | None = None) -> Person:
        """Open an account, give it an office of this cell, and log in."""
        name = f"thu-{secrets.token_hex(6)}"
        opened = self.office.do(f"{MEMBERS}/accounts", {"organisation": self.id, "login": name, "member": member})
        account = opened.answer["account"]
        self.accounts.append(account)
        answer = self.office.http.put(f"{MEMBERS}/accounts/{account}/password", json={"password": PASSWORD})
        assert answer.status_code == 204, answer.text
        self.office.do(
            f"{MEMBERS}/organisations/{self.id}/offices",
            {"account": account, "member": member, "office": office, "from_on": NOW.isoformat()},
        )
        person = self.office.another(name, PASSWORD)
        self.logins[person] = name
        return person

    def login_of(self, person: Person) -> tuple[str, str]:
        """Name and password, for the form."""
        return self.logins[person], PASSWORD

    def leave(self, member: str) -> Recorded:
        body = {"left_on": NOW.isoformat(), "reason": "Chuyển sinh hoạt chính thức"}
        return self.office.do(f"{MEMBERS}/members/{member}/leaving", body)

    def dissolve(self) -> None:
        """Leave the demonstration's figures as they were."""
        for person in self.logins:
            person.http.close()
        for account in self.accounts:
            self.office.do(f"{MEMBERS}/accounts/{account}/close", {"reason": "Kết thúc thử nghiệm"})
        at = None
        for one in self.roll():
            at = self.leave(one["member"]).position
        assert not self.roll(at)
        body = {"effective_on": NOW.isoformat(), "decision": "02-QĐ/ĐU"}
        self.office.do(f"{MEMBERS}/organisations/{self.id}/dissolve", body)


@contextmanager
def a_cell(url: str, office: Person, parent: str) -> Iterator[Cell]:
    """One that is gone afterwards, as `founded`."""
    cell = founded(url, office, parent)
    yield cell
    cell.dissolve()


def founded(url: str, office: Person, parent: str) -> Cell:
    """A cell under ``parent``, with five members, the last of them exempt, and its secretary logged in."""
    established = office.do(
        f"{MEMBERS}/organisations",
        {
            "parent": parent,
            "kind": "cell",
            "sector": "state_agency",
            "name": f"Chi bộ thử {secrets.token_hex(3)}",
            "effective_on": f"{YEAR}-01-01",
        },
    )
    cell = Cell(established.answer["organisation"], url, office)
    office.read(f"{MEMBERS}/organisations/{cell.id}", at=established.position)
    cell.roll(cell.bring(xlsx(ROSTER))["position"])
    cell.secretary = cell.give_office("cell_secretary", cell.member(NAMES[0]))
    return cell
