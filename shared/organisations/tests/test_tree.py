"""The same tree comes out whatever order the partitions arrive in."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.eventlog import Metadata, Position, Recorded
from shared.events import Event
from shared.events.members import (
    MemberAdmitted,
    MemberLeft,
    MemberRecognisedOfficial,
    MemberStatus,
    OrganisationDissolved,
    OrganisationEstablished,
    OrganisationKind,
    OrganisationMoved,
    OrganisationRenamed,
    Sector,
)
from shared.organisations import ORGANISATIONS, ancestors, as_of, cells_under, children, is_within, organisation
from shared.roster import ROSTER, HeadCount, head_counts
from shared.streams import Changes, View
from shared.streams.rebuild import make_schema

DAY = date(2020, 1, 1)
K = OrganisationKind


def established(id: str, parent: str | None, kind: K = K.SUPERIOR_COMMITTEE, name: str = "") -> OrganisationEstablished:
    return OrganisationEstablished(
        organisation=id, parent=parent, kind=kind, sector=Sector.VILLAGE, name=name or id, effective_on=DAY
    )


def moved(id: str, parent: str, days: int = 0) -> OrganisationMoved:
    return OrganisationMoved(organisation=id, parent=parent, effective_on=DAY + timedelta(days=days), decision="1-QĐ")


async def apply(pool: asyncpg.Pool, view: View, *batches: Sequence[Event]) -> None:
    """Give the view events in batches, as subscriptions do; it has an empty schema first."""
    async with pool.acquire() as connection:
        await make_schema(connection, view, view.schema)
        position = 0
        for batch in batches:
            async with connection.transaction():
                changes = Changes(connection, view.schema)
                for event in batch:
                    position += 1
                    recorded = Recorded(
                        at=Position("members", 0, position), stream="any", version=position, type=event.TYPE,
                        data=event, metadata=Metadata("anyone", "any", "any"), recorded_at=datetime.now(UTC),
                    )  # fmt: skip
                    await view.handlers[event.TYPE](changes, recorded)
                await changes.flush()


async def tree_of(pool: asyncpg.Pool) -> dict[str, tuple[str | None, list[str]]]:
    rows = await pool.fetch("SELECT id, parent, path FROM view_organisations.organisation")
    return {row["id"]: (row["parent"], row["path"]) for row in rows}


@st.composite
def histories(draw: st.DrawFn) -> dict[str, list[Event]]:
    """Per organisation its own events in order: a random tree, with moves that the domain would allow."""
    size = draw(st.integers(2, 7))
    parents: dict[str, str | None] = {"o0": None}
    own: dict[str, list[Event]] = {"o0": [established("o0", None)]}
    for n in range(1, size):
        parents[f"o{n}"] = draw(st.sampled_from([None, *parents]))
        own[f"o{n}"] = [established(f"o{n}", parents[f"o{n}"])]
    for _ in range(draw(st.integers(0, 4))):
        one, to = draw(st.sampled_from(sorted(parents))), draw(st.sampled_from(sorted(parents)))
        above: list[str | None] = [to]
        while above[-1] is not None:
            above.append(parents[above[-1]])
        if one not in above:
            parents[one] = to
            own[one].append(moved(one, to))
    return own


@st.composite
def arrivals(draw: st.DrawFn, own: dict[str, list[Event]]) -> list[list[Event]]:
    """The same events interleaved anyhow, each organisation's in order, cut into batches anywhere."""
    turns = draw(st.permutations([id for id, events in own.items() for _ in events]))
    left = {id: iter(events) for id, events in own.items()}
    batches: list[list[Event]] = [[]]
    for id in turns:
        batches[-1].append(next(left[id]))
        if draw(st.booleans()):
            batches.append([])
    return batches


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_any_order_of_arrival_gives_the_same_tree(pool: asyncpg.Pool, data: st.DataObject) -> None:
    own = data.draw(histories())
    parents: dict[str, str | None] = {}
    for id, events in own.items():
        for event in events:
            assert isinstance(event, OrganisationEstablished | OrganisationMoved)
            parents[id] = event.parent
    await apply(pool, ORGANISATIONS, *data.draw(arrivals(own)))
    expected = {}
    for id in own:
        path = [id]
        while (above := parents[path[0]]) is not None:
            path.insert(0, above)
        expected[id] = (parents[id], path)
    assert await tree_of(pool) == expected


async def test_a_cell_that_arrives_before_its_committee_finds_its_place_later(pool: asyncpg.Pool) -> None:
    cell, commune, province = established("c", "x", K.CELL), established("x", "p"), established("p", None)
    await apply(pool, ORGANISATIONS, [cell])
    found = await organisation(pool, "c")
    assert found is not None
    assert found.path == ("c",)
    assert not await is_within(pool, "c", "p")
    await apply(pool, ORGANISATIONS, [cell], [commune], [province])
    assert await is_within(pool, "c", "p")
    assert [one.id for one in await ancestors(pool, "c")] == ["p", "x"]


async def test_a_move_takes_along_everything_that_stands_under_it(pool: asyncpg.Pool) -> None:
    own = [established("p", None), established("q", None), established("x", "p"), established("c", "x", K.CELL)]
    await apply(pool, ORGANISATIONS, [*own, moved("x", "q", 100)])
    assert [cell.id for cell in await cells_under(pool, "q")] == ["c"]
    assert await cells_under(pool, "p") == []
    assert [one.id for one in await children(pool, "q")] == ["x"]


async def test_the_tree_of_another_day_is_the_tree_of_that_day(pool: asyncpg.Pool) -> None:
    own = [established("p", None), established("q", None), established("x", "p", name="Xã Mẫu")]
    later = [
        moved("x", "q", 100),
        OrganisationRenamed(organisation="x", name="Xã Mẫu Mới", effective_on=DAY + timedelta(days=200)),
        OrganisationDissolved(organisation="x", effective_on=DAY + timedelta(days=300), decision="2-QĐ"),
    ]
    await apply(pool, ORGANISATIONS, own, *[[event] for event in later])

    async def at(root: str, days: int) -> list[tuple[str, str]]:
        return [(one.id, one.name) for one in await as_of(pool, root, DAY + timedelta(days=days)) if one.id != root]

    assert await at("p", 99) == [("x", "Xã Mẫu")]
    assert await at("p", 100) == []
    assert await at("q", 150) == [("x", "Xã Mẫu")]
    assert await at("q", 299) == [("x", "Xã Mẫu Mới")]
    assert await at("q", 300) == []
    assert await at("p", -1) == []


@pytest.mark.practice(75)
async def test_heads_are_counted_as_of_a_day_and_summed_up_the_tree(pool: asyncpg.Pool) -> None:
    await apply(
        pool,
        ORGANISATIONS,
        [established("p", None), established("x", "p"), established("y", "p")],
        [established("c1", "x", K.CELL), established("c2", "x", K.CELL), established("c3", "y", K.CELL)],
    )

    def admitted(member: str, cell: str, days: int, exempt: bool = False) -> MemberAdmitted:
        return MemberAdmitted(
            member=member, cell=cell, status=MemberStatus.PROBATIONARY, admitted_on=DAY + timedelta(days=days),
            full_name="v1.x", exempt=exempt,
        )  # fmt: skip

    await apply(
        pool,
        ROSTER,
        [admitted("a", "c1", 0), admitted("b", "c1", 10), admitted("c", "c2", 0, exempt=True), admitted("d", "c3", 0)],
        [
            MemberRecognisedOfficial(member="a", cell="c1", official_on=DAY + timedelta(days=365), decision="3-QĐ"),
            MemberLeft(member="d", cell="c3", left_on=DAY + timedelta(days=50), reason="chuyển sinh hoạt"),
        ],
    )
    early = await head_counts(pool, "p", DAY + timedelta(days=5))
    assert early["p"] == HeadCount(cells=3, members=3, official=0, probationary=3, exempt=1)
    assert early["x"] == HeadCount(cells=2, members=2, official=0, probationary=2, exempt=1)
    late = await head_counts(pool, "p", DAY + timedelta(days=400))
    assert late["p"] == HeadCount(cells=3, members=3, official=1, probationary=2, exempt=1)
    assert late["y"] == HeadCount(cells=1, members=0, official=0, probationary=0, exempt=0)
    assert await head_counts(pool, "nowhere", DAY) == {}
