"""The whole members service on a real database and Redis, with a small bloc in its register."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI

from services.members.access.accounts import store_of
from services.members.domain.member import Person
from services.members.register import organisations, people
from services.members.register.desk import Desk, desk_of
from services.members.register.people import Admission
from shared.auth.model import Actor, HeldOffice
from shared.auth.service_token import source
from shared.auth.tokens import issue
from shared.context import Context
from shared.eventlog import Appended, Command, Position
from shared.events.members import MemberStatus, Office, OrganisationKind, Sector
from shared.ids import new_id
from shared.organisations import ORGANISATIONS

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
FOUNDED = date(2020, 5, 19)
K = OrganisationKind


@dataclass
class House:
    app: FastAPI
    browsers: list[httpx.AsyncClient] = field(default_factory=list)

    @property
    def ctx(self) -> Context:
        context: Context = self.app.state.context
        return context

    @property
    def desk(self) -> Desk:
        return desk_of(self.ctx)

    def command(self) -> Command:
        return Command(actor="test", correlation=new_id())

    async def establish(self, id: str, parent: str | None, kind: K, name: str, **more: Any) -> Appended:
        given = {"sector": Sector.VILLAGE, "effective_on": FOUNDED, **more}
        return await organisations.establish(
            self.desk, self.command(), organisation=id, parent=parent, kind=kind, name=name, **given
        )

    async def bloc(self) -> None:
        """A province with two communes; one has two cells, the other one."""
        await self.establish("tinh", None, K.SUPERIOR_COMMITTEE, "Đảng bộ tỉnh Mẫu")
        await self.establish("xa", "tinh", K.GRASSROOTS_COMMITTEE, "Đảng bộ xã Mẫu")
        await self.establish("phuong", "tinh", K.GRASSROOTS_COMMITTEE, "Đảng bộ phường Mẫu")
        await self.establish("ban-2", "xa", K.CELL, "Chi bộ bản 2", fixed_meeting_day=10)
        await self.establish("ban-10", "xa", K.CELL, "Chi bộ bản 10")
        last = await self.establish("to-1", "phuong", K.CELL, "Chi bộ tổ 1")
        await self.desk.up_to_date(ORGANISATIONS)
        assert last.at.position

    async def member(self, cell: str = "ban-2", name: str = "Lò Thị Mẫu", **more: Any) -> str:
        given = {"status": MemberStatus.OFFICIAL, "admitted_on": date(2021, 2, 3), **more}
        person = Person(name, **{key: given.pop(key) for key in ("birth_date", "phone", "email") if key in given})
        appended = await people.admit(self.desk, self.command(), cell, [Admission(person=person, **given)])
        return str((appended.answer or {})["members"][0])

    async def followed(self, policy: str) -> None:
        """Until a policy has done what follows from all that is in the log."""
        for partition, position in (await self.ctx.log.heads()).items():
            at = Position("members", partition, position)
            assert await self.ctx.subscriptions.wait_for(policy, at, timeout=20)

    async def browser(self, *offices: tuple[Office, str], member: str | None = None) -> httpx.AsyncClient:
        """A program logged in with these offices."""
        actor = Actor(new_id(), member, tuple(HeldOffice(office, organisation) for office, organisation in offices))
        key = await store_of(self.ctx).keys.current(self.ctx.clock())
        token = issue(key, actor, new_id(), now=self.ctx.clock(), lifetime=timedelta(hours=1))
        return self._client({"Authorization": f"Bearer {token}", "Accept-Language": "vi"})

    def service(self, name: str = "meetings") -> httpx.AsyncClient:
        """Another service, with its own token."""
        settings = self.ctx.settings.model_copy(update={"service": name})
        return self._client({"Authorization": f"Bearer {source(settings, self.ctx.clock)('members')}"})

    def _client(self, headers: dict[str, str]) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app)
        client = httpx.AsyncClient(transport=transport, base_url="http://chibo.test", headers=headers)
        self.browsers.append(client)
        return client
