from shared.streams.tests.house import House, remarks_view


async def test_what_is_recorded_is_seen_in_the_view(house: House) -> None:
    await house.relay()
    following = await house.follow([remarks_view()])
    at = await house.remark("alpha", "good", "better")
    assert await following.wait_for("remarks", at, timeout=10)
    assert await house.counted() == {"alpha": 2}
