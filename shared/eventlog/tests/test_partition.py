import pytest

from shared.eventlog.partition import partition_of


@pytest.mark.parametrize(
    ("key", "of_4", "of_16", "of_64"),
    [("", 0, 4, 20), ("cell-1", 2, 14, 30), ("chi-bo-thôn-3", 2, 14, 14)],
)
def test_a_key_belongs_to_the_same_partition_for_ever(key: str, of_4: int, of_16: int, of_64: int) -> None:
    assert [partition_of(key, count) for count in (1, 4, 16, 64)] == [0, of_4, of_16, of_64]


def test_cells_are_spread_over_all_partitions() -> None:
    counts = [0] * 16
    for cell in range(1600):
        counts[partition_of(f"cell-{cell}", 16)] += 1
    assert min(counts) > 60
    assert max(counts) < 140
