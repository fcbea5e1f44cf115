"""What may happen to the streams in Redis: none of it may show in a view."""

from collections.abc import Awaitable, Callable

from redis.asyncio import Redis

from shared.streams.frame import FIELD

Mischief = Callable[[Redis, str], Awaitable[object]]


async def lose_some_entries(redis: Redis, key: str) -> None:
    ids = [identity for identity, _ in await redis.xrange(key)]
    if ids:
        await redis.xdel(key, *ids[::2])


async def trim(redis: Redis, key: str) -> None:
    await redis.xtrim(key, maxlen=1, approximate=False)


async def trim_to_nothing(redis: Redis, key: str) -> None:
    await redis.xtrim(key, maxlen=0, approximate=False)


async def delete_the_stream(redis: Redis, key: str) -> None:
    await redis.delete(key)


async def empty_redis(redis: Redis, _key: str) -> None:
    await redis.flushall()


async def add_a_stray_entry(redis: Redis, key: str) -> None:
    await redis.xadd(key, {"anything": "else"})


async def add_an_entry_in_the_way(redis: Redis, key: str) -> None:
    """With the very id that the next event is to have."""
    newest = await redis.xrevrange(key, count=1)
    top = int(newest[0][0].split(b"-")[0]) if newest else 0
    await redis.xadd(key, {FIELD: "not an event"}, id=f"{top + 1}-0" if top < 2**63 else "*")


async def add_an_entry_beyond_every_position(redis: Redis, key: str) -> None:
    await redis.xadd(key, {FIELD: "not an event"}, id=f"{2**64 - 1}-{2**64 - 1}")


async def forge_a_later_event(redis: Redis, key: str) -> None:
    """A frame of the relay's that says of itself that it stands further on."""
    newest = await redis.xrevrange(key, count=1)
    if newest:
        identity, fields = newest[0]
        position = identity.split(b"-")[0]
        body = fields.get(FIELD, b"").replace(b"." + position, b".%d" % (int(position) + 7))
        await redis.xadd(key, {FIELD: body}, id=f"{int(position) + 7}-0")


async def put_something_else_in_its_place(redis: Redis, key: str) -> None:
    await redis.set(key, "anything else")


async def drop_every_connection(redis: Redis, _key: str) -> None:
    await redis.client_kill_filter(_type="normal", skipme=True)


EVERY: list[Mischief] = [
    lose_some_entries,
    trim,
    trim_to_nothing,
    delete_the_stream,
    empty_redis,
    add_a_stray_entry,
    add_an_entry_in_the_way,
    add_an_entry_beyond_every_position,
    forge_a_later_event,
    put_something_else_in_its_place,
    drop_every_connection,
]
