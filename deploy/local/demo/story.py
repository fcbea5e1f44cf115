"""What the demonstration's cells did: two years of months, drawn so that the documents' sentences come out of views.

Pure and deterministic: the same day gives the same story. Sources: seed 001 (11-12 regular meetings a year in most
cells, 4-5 missing in some; 90% attendance in the surveyed; 4-5 thematic meetings against 1-2; over half speaking;
90-120 minutes, some to 180) and seed 003 (19 cells, 229 members, one of 22 that meets on the 10th, all on time).
"""

import tomllib
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

from shared.clock import VIETNAM, period_of
from shared.events.meetings import MeetingForm, MeetingKind
from shared.events.members import OrganisationKind, Sector
from shared.ids import derived_id

MONTHS = 24
COMMUNE = derived_id("demo", "commune")
BLOC = derived_id("demo", "bloc")


LAST_DAY = 10  # of the month: the commune's own rule for regular meetings
LAST_DAY_BASIS = "Quy chế làm việc của Đảng ủy xã"


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation of the demonstration."""

    id: str
    parent: str | None
    kind: OrganisationKind
    sector: Sector
    name: str
    country: str = "VN"
    day: int | None = None
    members: int = 0


@dataclass(frozen=True, slots=True)
class Habits:
    """How a cell lives: chances are of one."""

    attends: float = 0.9  # a member comes
    speaks: float = 0.6  # who came speaks
    skips: tuple[int, ...] = ()  # months of the year, 1-12, in which it does not meet
    thematic: int = 4  # a year
    tardy: float = 0.0  # minutes go up late
    guests: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """One meeting of the story."""

    cell: Place
    kind: MeetingKind
    period: str
    opened_at: datetime
    minutes: int
    habits: Habits
    sent_after: int | None  # days after closing; None: the minutes have not gone up
    number: int  # of its kind within the cell's story
    form: MeetingForm = MeetingForm.IN_PERSON

    def random(self) -> Random:
        return Random(f"{self.cell.id}/{self.kind}/{self.period}")  # noqa: S311  (a story, not a secret)


@cache
def _told() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("places.toml").read_text("utf-8"))


def places() -> list[Place]:
    """Every organisation, parents before children."""
    told, found = _told(), []
    commune, bloc = told["commune"], told["bloc"]
    found.append(
        Place(COMMUNE, None, OrganisationKind.GRASSROOTS_COMMITTEE, Sector(commune["sector"]), commune["name"])
    )
    for row in commune["cells"]:
        found.append(_cell(COMMUNE, Sector(row["sector"]), row["name"], day=row["day"], members=row["members"]))
    found.append(Place(BLOC, None, OrganisationKind.CENTRAL_BLOC, Sector(bloc["sector"]), bloc["name"]))
    for row in bloc["committees"]:
        committee = derived_id("demo", row["name"])
        sector = Sector(row["sector"])
        found.append(Place(committee, BLOC, OrganisationKind.GRASSROOTS_COMMITTEE, sector, row["name"]))
        found += _cells_of(committee, sector, row)
    return found


def _cells_of(committee: str, sector: Sector, row: dict[str, Any]) -> Iterator[Place]:
    names = [*row.get("named", [])]
    names += [f"Chi bộ {number}" for number in range(1, row.get("cells", 0) - len(names) + 1)]
    countries = ["VN"] * len(names)
    for country in row.get("countries", []):
        names.append(f"Chi bộ tại {_COUNTRIES[country]}")
        countries.append(country)
    for name, country in zip(names, countries, strict=True):
        random = Random(f"{committee}/{name}")  # noqa: S311
        yield _cell(committee, sector, name, country=country, day=None, members=random.randint(5, 12))


def _cell(parent: str, sector: Sector, name: str, *, country: str = "VN", day: int | None, members: int) -> Place:
    return Place(derived_id("demo", parent, name), parent, OrganisationKind.CELL, sector, name, country, day, members)


_COUNTRIES = {
    "LA": "Lào", "KH": "Campuchia", "CN": "Trung Quốc", "RU": "Liên bang Nga", "DE": "Đức", "FR": "Pháp",
    "CZ": "Séc", "PL": "Ba Lan", "JP": "Nhật Bản", "KR": "Hàn Quốc", "TH": "Thái Lan", "SG": "Xinh-ga-po",
    "MY": "Ma-lai-xi-a", "IN": "Ấn Độ", "CU": "Cu-ba",
}  # fmt: skip


def cells() -> list[Place]:
    return [place for place in places() if place.kind is OrganisationKind.CELL]


@cache
def surveyed() -> frozenset[str]:
    """Ids of the cells of the bloc's survey: spread evenly over its committees, 47 in all."""
    of_bloc = [cell for cell in cells() if cell.parent != COMMUNE]
    count: int = _told()["bloc"]["surveyed"]
    return frozenset(of_bloc[index * len(of_bloc) // count].id for index in range(count))


def habits(cell: Place, index: int) -> Habits:
    """``index`` is the cell's place in its bloc; it decides, so that the shares of the documents hold exactly."""
    if cell.parent == COMMUNE:
        return Habits(attends=0.93, speaks=0.6, thematic=4, guests=cell.day == 10)
    attends = 0.9 if cell.id in surveyed() else (0.92, 0.86, 0.89, 0.83)[index % 4]
    usual = Habits(attends=attends, speaks=(0.62, 0.55, 0.66, 0.44)[index % 4], tardy=(0.0, 0.1, 0.25)[index % 3])
    usual = replace(usual, thematic=(4, 1, 5, 2, 4, 2, 3)[index % 7])
    if index % 16 == 5:  # a few cells miss four or five months a year
        return replace(usual, skips=(2, 5, 7, 9, 10) if index % 32 == 5 else (1, 4, 8, 10), thematic=1)
    if index % 3 == 1:  # eleven of twelve; every month is skipped by some, whenever the story is told
        return replace(usual, skips=(1 + index // 3 % 12,))
    return usual


def meetings(today: date) -> list[Held]:
    """Two years of meetings up to ``today``, oldest first; of the present month only what is over by now."""
    of_commune = [cell for cell in cells() if cell.parent == COMMUNE]
    of_bloc = [cell for cell in cells() if cell.parent != COMMUNE]
    found: list[Held] = []
    for together in (of_commune, of_bloc):
        for index, cell in enumerate(together):
            found += _of_cell(cell, habits(cell, index), index, today)
    return sorted(found, key=lambda held: held.opened_at)


def _of_cell(cell: Place, habits: Habits, index: int, today: date) -> Iterator[Held]:
    number = 0
    for month in _months(today):
        period = period_of(month)
        random = Random(f"{cell.id}/{period}")  # noqa: S311
        present_month = period == period_of(today)
        if month.month not in habits.skips:
            waits = present_month and cell.parent != COMMUNE and index % 5 in (1, 3)  # left to the simulation
            day = cell.day or random.choice((3, 4, 5, 6, 7, 8, 9, 12, 15, 18))
            late = cell.parent != COMMUNE and random.random() < 0.04
            on = month + timedelta(days=monthrange(month.year, month.month)[1] + 2) if late else month.replace(day=day)
            if on < today and not waits:
                number += 1
                yield _held(cell, MeetingKind.REGULAR, period, on, habits, random, number, present_month)
        if _is_thematic(month.month, habits.thematic) and not (present_month and cell.parent == COMMUNE):
            on = month.replace(day=random.randint(20, 26))
            if on < today:
                number += 1
                yield _held(cell, MeetingKind.THEMATIC, period, on, habits, random, number, present_month)


def _is_thematic(month: int, a_year: int) -> bool:
    """One a quarter first (its second month), then a second one in the first quarters."""
    return month in (2, 5, 8, 11, 3, 6)[:a_year] if a_year != 2 else month in (5, 11)


def _months(today: date) -> Iterator[date]:
    first = today.year * 12 + today.month - MONTHS
    for number in range(first, first + MONTHS):
        yield date(number // 12, number % 12 + 1, 1)


def _held(
    cell: Place,
    kind: MeetingKind,
    period: str,
    on: date,
    habits: Habits,
    random: Random,
    number: int,
    present_month: bool,
) -> Held:
    start = time(19, 0) if cell.sector is Sector.VILLAGE else time(14, 0)
    minutes = random.choice((92, 95, 100, 105, 110, 115, 120, 120, 135, 160))
    sent_after: int | None = random.choice((0, 1, 1, 2))
    if random.random() < habits.tardy:
        sent_after = None if present_month else random.randint(4, 9)
    form = MeetingForm.EXPANDED if habits.guests else MeetingForm.IN_PERSON
    opened_at = datetime.combine(on, start, VIETNAM)
    return Held(cell, kind, period, opened_at, minutes, habits, sent_after, number, form)
