"""Names for a page: opened through the keyring, in the order in which a cell calls its roll."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from shared.context import Context
from shared.events.members import Office
from shared.privacy import Erased, Unknown
from shared.web.i18n import _

_MEMBERS = "SELECT member, full_name, status FROM view_roster.member WHERE cell = $1 OR member = ANY($2::text[])"
_OFFICES = """
    SELECT office, member FROM view_roster.office
    WHERE organisation = $1 AND member IS NOT NULL AND (until_on IS NULL OR until_on > $2) ORDER BY from_on
"""


D_AFTER_D = {0x0111: "dz"}  # d with a stroke is a letter of its own, after d


@dataclass(frozen=True, slots=True)
class Person:
    member: str
    name: str
    status: str

    @property
    def place_in_roll(self) -> tuple[str, str]:
        """Vietnamese rolls go by the given name, which stands last."""
        plain = unicodedata.normalize("NFD", self.name.casefold().translate(D_AFTER_D))
        return plain.rpartition(" ")[2], plain


class People(Mapping[str, Person]):
    """Member id -> person; somebody unknown here still has something to be called by."""

    def __init__(self, people: Iterable[Person]) -> None:
        self._people = {person.member: person for person in people}

    def __getitem__(self, member: str) -> Person:
        return self._people.get(member) or Person(member, _("(chưa đọc được tên)"), "")

    def __iter__(self) -> Iterator[str]:
        return iter(self._people)

    def __len__(self) -> int:
        return len(self._people)

    def name(self, member: str) -> str:
        return self[member].name

    def in_order(self, members: Iterable[str]) -> list[Person]:
        return sorted((self[member] for member in members), key=lambda person: person.place_in_roll)


async def people_of(ctx: Context, cell: str, others: Iterable[str] = ()) -> People:
    """Everyone who is or was on the cell's roll, and ``others`` named in its records."""
    rows = await ctx.pool.fetch(_MEMBERS, cell, list(others))
    names = await ctx.keyring.open_many([(row["member"], row["full_name"]) for row in rows])
    return People(Person(row["member"], _shown(name), row["status"]) for row, name in zip(rows, names, strict=True))


def _shown(name: str | Erased | Unknown) -> str:
    match name:
        case Erased():
            return _("(đã xóa theo yêu cầu)")
        case Unknown():
            return _("(chưa đọc được tên)")
        case text:
            return text


async def office_holders(ctx: Context, cell: str) -> dict[Office, str]:
    """Office -> the member who holds it in the cell; the one appointed last, where several do."""
    rows = await ctx.pool.fetch(_OFFICES, cell, ctx.clock().date())
    return {Office(row["office"]): row["member"] for row in rows}
