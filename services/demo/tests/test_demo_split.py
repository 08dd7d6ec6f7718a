import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanling_demo.split import apportion, split, spread, starts

totals = st.integers(0, 10_000)
members = st.integers(1, 60)


@given(total=totals, n=members, offset=st.integers(-100, 100))
def test_shares_sum_and_differ_by_at_most_one(total: int, n: int, offset: int) -> None:
    shares = split(total, n, offset)
    assert len(shares) == n
    assert sum(shares) == total
    assert max(shares) - min(shares) <= 1


@given(total=totals, n=members, offset=st.integers(0, 100))
def test_larger_shares_start_at_the_offset_and_wrap_around(total: int, n: int, offset: int) -> None:
    shares, base = split(total, n, offset), total // n
    larger = [(offset + step) % n for step in range(total % n)]
    assert [index for index in range(n) if shares[index] > base] == sorted(larger)


def test_the_example_of_the_specification() -> None:
    assert split(595, 21, 3) == (28,) * 3 + (29,) * 7 + (28,) * 11


@pytest.mark.parametrize(("total", "n"), [(-1, 3), (3, 0)])
def test_impossible_splits_are_refused(total: int, n: int) -> None:
    with pytest.raises(ValueError, match="cannot split"):
        split(total, n)


@given(counts=st.lists(st.integers(0, 9), min_size=1, max_size=20))
def test_spread_lists_each_member_as_often_as_it_counts(counts: list[int]) -> None:
    units = spread(counts)
    assert [units.count(index) for index in range(len(counts))] == counts
    for index, start in enumerate(starts(counts)):
        assert units[start : start + counts[index]] == (index,) * counts[index]


@given(total=totals, weights=st.lists(st.integers(1, 100), min_size=1, max_size=20))
def test_apportioned_shares_stay_within_one_of_proportion(total: int, weights: list[int]) -> None:
    shares = apportion(total, weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - total * weight / sum(weights)) < 1 + 1e-6
