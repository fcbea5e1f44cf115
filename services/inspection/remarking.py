"""Recording a remark: the one command of this service, for its page and its API alike."""

from typing import Final

from services.inspection.domain.remark import CellRemarks, RecordRemark, decide, evolve
from shared.commands import Aggregate, execute
from shared.context import Context
from shared.eventlog import Appended, Command
from shared.ids import derived_id, new_id

REMARKING: Final[Aggregate[CellRemarks, RecordRemark]] = Aggregate("cell-remarks", CellRemarks(), decide, evolve)


async def remark_on(ctx: Context, cell: str, period: str, text: str, meeting: str | None, command: Command) -> Appended:
    """Raises `Refused`. The same idempotency key is the same remark."""
    remark = derived_id("remark", command.key) if command.key else new_id()
    order = RecordRemark(remark, cell, period, meeting, text, ctx.clock())
    return await execute(ctx.log, REMARKING, cell, order, key=cell, command=command, answer={"remark": remark})
