from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from reports.labels import Wish, place

WISHES = st.builds(
    Wish,
    x=st.floats(0, 1000),
    text=st.text("abc 漢", min_size=1, max_size=60),
    rank=st.integers(0, 4),
    rows=st.sampled_from([(10.0,), (10.0, 24.0)]),
)


def test_an_important_label_is_placed_before_a_nearer_one() -> None:
    wishes = [Wish(100, "word", 4, (10.0,)), Wish(102, "missing", 0, (10.0,))]
    assert [label.text for label in place(wishes, 0, 500)] == ["missing"]


def test_a_second_row_is_used_when_the_first_is_taken() -> None:
    wishes = [Wish(100, "one", 0, (10.0, 24.0)), Wish(101, "two", 1, (10.0, 24.0))]
    assert [(label.text, label.y) for label in place(wishes, 0, 500)] == [("one", 10.0), ("two", 24.0)]


def test_labels_stay_between_the_edges() -> None:
    (label,) = place([Wish(0, "end: completed", 0, (10.0,))], 0, 500)
    assert label.x > 40


@given(st.lists(WISHES, max_size=30))
def test_no_label_covers_another(wishes: list[Wish]) -> None:
    placed = place(wishes, 0, 1000)
    for a, b in combinations(placed, 2):
        if a.y == b.y:
            assert abs(a.x - b.x) >= (len(a.text) + len(b.text)) / 2 * 6
