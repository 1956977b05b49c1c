from __future__ import annotations

from audit.differences import differences


def test_every_key_that_differs_is_told_once_with_its_path() -> None:
    old = {"a": 1, "b": {"c": None, "d": [1, 2], "same": True}, "gone": "x"}
    new = {"a": 2, "b": {"c": 5, "d": [], "same": True}, "came": False}
    assert list(differences(old, new)) == [
        "a: 1 then, 2 now",
        "b.c: nothing then, 5 now",
        "b.d: 1, 2 then, nothing now",
        "gone: x then, nothing now",
        "came: nothing then, False now",
    ]
    assert list(differences(old, old)) == []
