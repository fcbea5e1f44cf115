"""A rebuild delivers the past to everything that follows a source: mails are sent again, answers given twice."""

import asyncio
from typing import Any

from shared.streams import Policy, rebuild
from shared.streams.lane import Lane
from shared.streams.subscription import Subscription
from tests.spine.reverts import Bug


def put_back() -> None:
    policies: list[tuple[Policy, Any]] = []
    init, lanes_of = Subscription.__init__, rebuild._lanes

    def remembered(self: Subscription, pool: Any, service: str, what: Any, **options: Any) -> None:
        init(self, pool, service, what, **options)
        if isinstance(what, Policy) and not options.get("suffix"):
            policies.append((what, options.get("context")))

    async def with_policies(pool: Any, service: str, view: Any, feeds: Any, stopping: asyncio.Event) -> list[Lane]:
        lanes = await lanes_of(pool, service, view, feeds, stopping)
        for policy, context in policies:
            again = Subscription(
                pool, service, policy, stopping=stopping, turns=asyncio.Semaphore(4), context=context, suffix="__next"
            )
            for lane in list(lanes):
                where = (lane.source, lane.partition, feeds[lane.source])
                lanes.append(Lane(pool, service, *where, [again], {again.name: 0}, stopping, patience=None))
        return lanes

    Subscription.__init__ = remembered  # type: ignore[method-assign]
    rebuild._lanes = with_policies


BUG = Bug(
    put_back,
    "shared/streams/tests/test_rebuild.py::test_policies_never_run_during_a_rebuild",
    r"assert 4 == 2",
)
