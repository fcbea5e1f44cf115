"""A view and a policy whose state shows whether every event was applied, once, and in order."""

import asyncpg

from shared.eventlog import Command, Recorded, Write
from shared.events.inspection import RemarkRecorded
from shared.events.members import OrganisationRenamed
from shared.streams import Changes, Policy, Spot, Table, View
from shared.streams.tests.house import SERVICE, House

STORY = Table("story", {"stream": "text", "told": "text"}, key=("stream",))
TALLY = Table("tally", {"word": "text", "times": "integer NOT NULL"}, key=("word",), new={"times": 0})


class Stories(View):
    """Tells every stream in the order its events came, and counts words over all partitions at once."""

    def __init__(self) -> None:
        super().__init__("stories", version=1, sources=[SERVICE], tables=[STORY, TALLY], concurrent=[SERVICE])
        self.poison: set[str] = set()
        self.on(RemarkRecorded)(self.recorded)
        self.reads(RemarkRecorded)(self.needed)

    def needed(self, event: RemarkRecorded) -> list[Spot]:
        return [STORY.at(event.remark)]

    async def recorded(self, change: Changes, event: Recorded[RemarkRecorded]) -> None:
        if event.data.text in self.poison:
            raise ValueError(f"{event.data.text} cannot be told")
        row = await change.row(STORY, stream=event.data.remark)
        row["told"] = event.data.text if row["told"] is None else f"{row['told']}/{event.data.text}"
        change.add(TALLY, {"word": event.data.text}, times=1)


class Answers(Policy):
    """Records an answer to every remark in its own service's log: in a stream whose version is not looked at, so that
    an answer given twice would be there twice."""

    def __init__(self) -> None:
        super().__init__("answers", sources=[SERVICE])
        self.poison: set[str] = set()
        self.on(RemarkRecorded)(self.recorded)

    async def recorded(self, house: House, connection: asyncpg.Connection, event: Recorded[RemarkRecorded]) -> None:
        said = event.data
        stream = f"answers:{event.stream}"
        version = len(await house.log.read(stream, connection=connection))
        answer = OrganisationRenamed(organisation=said.cell, name=said.text, effective_on=event.recorded_at.date())
        command = Command("system:answers", event.metadata.correlation, causation=str(event.at))
        await house.log.append(Write(stream, version, [answer]), key=said.cell, command=command, connection=connection)
        if said.text in self.poison:
            raise ValueError(f"nobody can answer {said.text}")
