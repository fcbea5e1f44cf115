"""The whole spine against a simple model in memory: whatever happens to it, at rest both say the same."""

import asyncio
import gc
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from redis.exceptions import ResponseError

from shared.eventlog import Appended, KeyReused, StaleVersion
from shared.streams.frame import stream_key
from shared.streams.tests.house import PARTITIONS, SERVICE
from tests.spine.expected import Changes, Follower, Log, Said
from tests.spine.mischief import EVERY, Mischief
from tests.spine.world import CELLS, World

T = TypeVar("T")

# a process that is killed closes nothing itself, and here no kernel does it
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

UNTELLABLE, UNANSWERABLE = "untellable", "unanswerable"  # what the view, and what the policy cannot apply at first
TEXTS = st.sampled_from(["good", "better", "best", UNTELLABLE, UNANSWERABLE])
STREAMS = st.sampled_from([f"{cell}-{n}" for cell in CELLS for n in range(2)])
SAYINGS = st.tuples(STREAMS, st.lists(TEXTS, min_size=1, max_size=4))
FEW_SAYINGS = st.lists(SAYINGS, max_size=3)
NUMBERS = st.integers(0, 99)


class Spine(RuleBasedStateMachine):
    """``postgres_url``, ``redis_url``: of servers that nobody else disturbs."""

    postgres_url: ClassVar[str]
    redis_url: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.opened = World.open(self.postgres_url, self.redis_url)
        self.world = self.run(self.opened.__aenter__())
        self.log = Log(self.world.home)
        self.followers = {"stories": Follower({UNTELLABLE}), "answers": Follower({UNANSWERABLE})}
        self.world.view.poison, self.world.policy.poison = {UNTELLABLE}, {UNANSWERABLE}
        self.answered: dict[str, tuple[Changes, Appended]] = {}

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def teardown(self) -> None:
        try:
            self.rest()
        finally:
            self.run(self.opened.__aexit__(None, None, None))
            self.runner.close()

    def plan(self, *sayings: tuple[str, list[str]]) -> Changes:
        """What has to be appended so that it is not stale."""
        return {stream: (self.log.version(stream), texts) for stream, texts in sayings}

    def plan_each(self, sayings: list[tuple[str, list[str]]]) -> list[Changes]:
        """Several commands, each to a stream of its own."""
        return [self.plan(saying) for saying in dict(sayings).items()]

    def record(self, changes: Changes) -> None:
        for said in self.log.append(changes):
            for follower in self.followers.values():
                follower.arrive(said)

    # Commands ----------------------------------------------------------------------------------------------------

    @rule(saying=SAYINGS, other=st.none() | TEXTS, keyed=st.booleans(), joined=st.booleans())
    def append(self, saying: tuple[str, list[str]], other: str | None, keyed: bool, joined: bool) -> None:
        sayings = [saying]
        if other is not None:  # another stream of the same cell, in the same command
            sayings.append((saying[0][:-1] + ("1" if saying[0].endswith("0") else "0"), [other]))
        changes, key = self.plan(*sayings), f"k{len(self.answered)}" if keyed else None
        appended = self.run(self.world.append(changes, key, joined=joined))
        self.record(changes)
        assert not appended.repeated
        assert appended.versions == {stream: self.log.version(stream) for stream in changes}
        if key is not None:
            self.answered[key] = (changes, appended)

    @rule(sayings=FEW_SAYINGS)
    def append_at_once(self, sayings: list[tuple[str, list[str]]]) -> None:
        plans = self.plan_each(sayings)

        async def append() -> list[Appended]:
            return await asyncio.gather(*(self.world.append(changes) for changes in plans))

        for _, changes in sorted(zip(self.run(append()), plans, strict=True), key=lambda pair: pair[0].at.position):
            self.record(changes)

    @rule(saying=SAYINGS)
    def append_and_roll_back(self, saying: tuple[str, list[str]]) -> None:
        self.run(self.world.append(self.plan(saying), joined=True, rolled_back=True))

    @rule(saying=SAYINGS, ahead=st.sampled_from([-1, 1, 5]), joined=st.booleans())
    def append_stale(self, saying: tuple[str, list[str]], ahead: int, joined: bool) -> None:
        stream, texts = saying
        changes = {stream: (abs(self.log.version(stream) + ahead), texts)}
        with pytest.raises(StaleVersion):
            self.log.append(changes)
        with pytest.raises(StaleVersion):
            self.run(self.world.append(changes, joined=joined))

    @precondition(lambda self: self.answered)
    @rule(number=NUMBERS, joined=st.booleans())
    def repeat(self, number: int, joined: bool) -> None:
        key = sorted(self.answered)[number % len(self.answered)]
        changes, first = self.answered[key]
        again = self.run(self.world.append(changes, key, joined=joined))
        assert again.repeated
        assert (again.at, again.versions) == (first.at, first.versions)

    @precondition(lambda self: self.answered)
    @rule(number=NUMBERS, saying=SAYINGS)
    def reuse_a_key(self, number: int, saying: tuple[str, list[str]]) -> None:
        key = sorted(self.answered)[number % len(self.answered)]
        with pytest.raises(KeyReused):
            self.run(self.world.append(self.plan((saying[0], ["other"])), key))

    # Workers and Redis -------------------------------------------------------------------------------------------

    @precondition(lambda self: len(self.world.workers) < 2)
    @rule()
    def hire_a_worker(self) -> None:
        self.run(self.world.hire())

    @precondition(lambda self: self.world.workers)
    @rule(number=NUMBERS)
    def kill_a_worker(self, number: int) -> None:
        self.run(self.world.workers.pop(number % len(self.world.workers)).kill())

    @precondition(lambda self: self.world.workers)
    @rule(saying=SAYINGS)
    def kill_all_before_a_commit(self, saying: tuple[str, list[str]]) -> None:
        changes = self.plan(saying)
        self.run(self.world.kill_before_commit(changes))
        self.record(changes)

    @precondition(lambda self: self.world.workers)
    @rule()
    def drop_connections(self) -> None:
        self.run(self.world.drop_connections())

    @precondition(lambda self: self.world.workers)
    @rule(which=st.lists(NUMBERS, max_size=8))
    def deliver_in_disorder(self, which: list[int]) -> None:
        self.run(self.world.deliver(which))

    @rule(mischief=st.sampled_from(EVERY), partition=st.integers(0, PARTITIONS - 1))
    def disturb_redis(self, mischief: Mischief, partition: int) -> None:
        with suppress(ResponseError):  # what was done to it before may leave no room for this
            self.run(mischief(self.world.house.redis, stream_key(SERVICE, partition)))  # type: ignore[arg-type]

    # Operators ---------------------------------------------------------------------------------------------------

    @rule(sayings=FEW_SAYINGS, killed=st.sampled_from([False, False, True]))
    def rebuild(self, sayings: list[tuple[str, list[str]]], killed: bool) -> None:
        meanwhile = self.plan_each(sayings)
        self.run(self.world.rebuild(meanwhile, killed=killed))
        for changes in meanwhile:
            self.record(changes)
        if not killed:
            self.followers["stories"].rebuild(self.log)

    @precondition(lambda self: any(follower.parked for follower in self.followers.values()))
    @rule(number=NUMBERS, cured=st.sampled_from([False, False, True]))
    def retry(self, number: int, cured: bool) -> None:
        self.rest()
        name, said = self.some_parked(number)
        follower = self.followers[name]
        if cured:
            follower.poison.clear()
            (self.world.view if name == "stories" else self.world.policy).poison.clear()
        assert self.run(self.world.retry(name, said.stream)) == follower.retry(said.stream)

    @precondition(lambda self: any(follower.parked for follower in self.followers.values()))
    @rule(number=NUMBERS)
    def skip(self, number: int) -> None:
        self.rest()
        name, said = self.some_parked(number)
        self.run(self.world.skip(name, said))
        self.followers[name].skip(said)

    def some_parked(self, number: int) -> tuple[str, Said]:
        parked = [
            (name, said)
            for name, follower in self.followers.items()
            for waiting in follower.parked.values()
            for said in waiting
        ]
        return parked[number % len(parked)]

    # What must hold ----------------------------------------------------------------------------------------------

    @invariant()
    def the_log_is_the_models(self) -> None:
        expected = {partition: self.log.partitions.get(partition, []) for partition in range(PARTITIONS)}
        assert self.run(self.world.log()) == expected

    @rule()
    def rest(self) -> None:
        """Nobody helps: what was recorded has its effect by itself, once and in order."""
        self.run(self.world.rest())
        told, answered = self.followers["stories"], self.followers["answers"]
        assert self.run(self.world.stories()) == told.stories()
        assert self.run(self.world.tally()) == told.tally()
        assert self.run(self.world.answers()) == answered.stories()
        for name, follower in self.followers.items():
            assert self.run(self.world.parked(name)) == follower.parked
            assert self.run(self.world.skipped(name)) == follower.skipped


def _play(postgres_url: str, redis_url: str, *, examples: int, steps: int) -> None:
    machine = type("Spine", (Spine,), {"postgres_url": postgres_url, "redis_url": redis_url})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            phases=[Phase.generate],  # what depends on how tasks happen to run cannot be made shorter by trying
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
    gc.collect()  # here, not in somebody else's test, what the killed have left open is found


def test_the_spine_comes_to_what_a_simple_model_says(postgres_url: str, redis_url: str) -> None:
    _play(postgres_url, redis_url, examples=10, steps=20)


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_the_spine_comes_to_what_a_simple_model_says_however_long_one_tries(postgres_url: str, redis_url: str) -> None:
    _play(postgres_url, redis_url, examples=100, steps=50)
