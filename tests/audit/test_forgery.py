from __future__ import annotations

import pytest

from audit.forgery import BEYOND, GARBAGE, Forged, forged


@pytest.mark.parametrize(
    ("kind", "own", "other", "cursors", "found"),
    [
        ("garbage", "e1:7", None, "offset+epoch", GARBAGE),
        ("garbage", "7", None, "int", GARBAGE),
        ("future", "e1:7", None, "offset+epoch", f"e1:{BEYOND + 7}"),
        ("future", "7", None, "int", str(BEYOND + 7)),
        ("future", "1763650000000-3", None, "opaque", f"1763650000000-{BEYOND + 3}"),
        ("future", "b6a9", None, "opaque", f"b6a{BEYOND + 9}"),
        ("future", "YmFy", None, "opaque", None),  # nobody knows which of these is later
        ("foreign", "e1:7", "e2:9", "offset+epoch", "e2:9"),
        ("foreign", "7", "9", "int", None),  # a number is as good in one log as in another
        ("foreign", "e1:7", "e1:7", "opaque", None),
        ("foreign", "e1:7", None, "opaque", None),
        ("garbage", None, "e2:9", "opaque", None),
        ("garbage", "e1:7", None, "none", None),
    ],
)
def test_a_false_cursor_is_made_of_true_ones(
    kind: Forged, own: str | None, other: str | None, cursors: str, found: str | None
) -> None:
    assert forged(kind, own, other, cursors) == found
