"""The commands on members. Personal fields are sealed before the event is made, under a key made with the admission."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Final

from services.members.domain import member as members
from services.members.domain.member import (
    Admit,
    ChangeExemption,
    Correct,
    Erase,
    Leave,
    Member,
    Order,
    Person,
    Recognise,
    require_person,
)
from services.members.register.desk import Desk
from services.members.register.facts import cell_facts, relying_on_the_tree
from shared.commands import Aggregate, execute, load
from shared.eventlog import Appended, Command, Write
from shared.events.members import MemberStatus
from shared.ids import new_id
from shared.privacy import Sealed, seal
from shared.refusal import require

MEMBER: Final[Aggregate[Member, Order]] = Aggregate("member", members.EMPTY, members.decide, members.evolve)


@dataclass(frozen=True, slots=True)
class Admission:
    """A person to be put on a cell's roll."""

    person: Person
    status: MemberStatus
    admitted_on: date
    official_on: date | None = None
    exempt: bool = False


class _Repeated(Exception):
    """The command had been answered before: what this transaction prepared is thrown away."""

    def __init__(self, appended: Appended) -> None:
        super().__init__("repeated")
        self.appended = appended


async def admit(
    desk: Desk, command: Command, cell: str, admissions: Sequence[Admission], ids: Sequence[str] | None = None
) -> Appended:
    """Put persons on the roll of one cell, all or none; their ids (new unless given) are in the answer as ``members``.

    Raises `Refused` and `KeyReused`.
    """
    if (answered := await desk.log.find(command)) is not None:
        return answered
    people = dict(zip(ids or [new_id() for _ in admissions], admissions, strict=True))
    for admission in people.values():
        require_person(admission.person, admission.admitted_on)
    try:
        async with relying_on_the_tree(desk) as connection:
            facts = await cell_facts(desk, connection, cell)
            keys = await desk.keyring.create(connection, people)
            writes = [
                Write(
                    MEMBER.stream(member),
                    0,
                    members.decide(
                        members.EMPTY,
                        Admit(
                            member=member,
                            cell=facts,
                            status=admission.status,
                            admitted_on=admission.admitted_on,
                            official_on=admission.official_on,
                            sealed=_sealed(keys[member], member, asdict(admission.person)),
                            exempt=admission.exempt,
                            today=desk.today,
                        ),
                    ),
                )
                for member, admission in people.items()
            ]
            appended = await desk.log.append(
                writes, key=cell, command=command, answer={"members": list(people)}, connection=connection
            )
            if appended.repeated:
                raise _Repeated(appended)
            return appended
    except _Repeated as repeated:
        return repeated.appended


async def recognise(
    desk: Desk, command: Command, id: str, *, official_on: date, decision: str, expected_version: int | None = None
) -> Appended:
    return await _execute(desk, command, id, Recognise(official_on, decision, desk.today), expected_version)


async def change_exemption(
    desk: Desk,
    command: Command,
    id: str,
    *,
    exempt: bool,
    from_on: date,
    until_on: date | None,
    reason: str,
    expected_version: int | None = None,
) -> Appended:
    return await _execute(desk, command, id, ChangeExemption(exempt, from_on, until_on, reason), expected_version)


async def leave(
    desk: Desk, command: Command, id: str, *, left_on: date, reason: str, expected_version: int | None = None
) -> Appended:
    return await _execute(desk, command, id, Leave(left_on, reason, desk.today), expected_version)


async def correct(
    desk: Desk,
    command: Command,
    id: str,
    *,
    decision: str,
    fields: Mapping[str, str],
    expected_version: int | None = None,
) -> Appended:
    """``fields`` are texts by the names in `domain.member.PERSONAL`; the others stay as they are."""
    state = await member_state(desk, id)
    key = (await desk.keyring.keys([id]))[id]
    require(isinstance(key, bytes), "member.not_erased")
    assert isinstance(key, bytes)  # `require` raised otherwise
    if "full_name" in fields or "birth_date" in fields:
        name = fields.get("full_name", "…")  # an unchanged name was checked when it came
        require_person(Person(name, birth_date=fields.get("birth_date")), state.admitted_on)
    return await _execute(desk, command, id, Correct(decision, _sealed(key, id, fields)), expected_version)


async def erase(desk: Desk, command: Command, id: str, *, reason: str) -> Appended:
    """Destroy the person's key in the transaction that records it: the log stays whole, the person is gone from it."""
    state = await member_state(desk, id)
    async with desk.pool.acquire() as connection, connection.transaction():
        appended = await execute(
            desk.log, MEMBER, id, Erase(reason), key=state.cell, command=command, connection=connection
        )
        await desk.keyring.destroy(connection, id)
        return appended


async def member_state(desk: Desk, id: str) -> Member:
    """The member as the log has them. Raises `Refused` (``member.known``)."""
    state, _ = await load(desk.log, MEMBER, id)
    require(state.id is not None, "member.known")
    return state


async def _execute(desk: Desk, command: Command, id: str, order: Order, expected_version: int | None) -> Appended:
    state = await member_state(desk, id)
    return await execute(
        desk.log, MEMBER, id, order, key=state.cell, command=command, expected_version=expected_version
    )


def _sealed(key: bytes, member: str, fields: Mapping[str, str | None]) -> dict[str, Sealed]:
    """The fields that were given, sealed; a blank one is as good as none."""
    given = {name: text.strip() for name, text in fields.items() if text is not None and text.strip()}
    return {name: seal(key, member, name, text) for name, text in given.items()}
