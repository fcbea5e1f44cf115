"""The views of a service and the logs they follow, full of meetings: where `rebuild` and `catch_up` begin."""

from bench.fill import Log, fill, stored
from bench.told import establish, tours
from services.inspection.views.wall import WALL
from services.meetings.views.calendar import CALENDAR
from services.meetings.views.participation import PARTICIPATION
from services.meetings.views.tasks import TASKS
from shared.database import open_pool
from shared.eventlog import EventLog
from shared.streams import schema
from shared.streams.rebuild import prepare_views

VIEWS = (WALL, CALENDAR, PARTICIPATION, TASKS)
PARTITIONS = 4


async def prepare(members: str, meetings: str, events: int) -> None:
    """Organisations in the log of the database ``members``; so many events, and empty `VIEWS`, in ``meetings``."""
    async with (
        await open_pool(members, name="bench") as members_pool,
        await open_pool(meetings, name="bench") as pool,
    ):
        await establish(await EventLog.open(members_pool, "members"))
        async with pool.acquire() as connection:
            await fill(connection, Log("meetings", PARTITIONS), map(stored, tours()), events)
            for statement in schema.CREATE:
                await connection.execute(statement)
            await prepare_views(connection, VIEWS)
