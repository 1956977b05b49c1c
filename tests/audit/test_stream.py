from __future__ import annotations

import aiohttp
import pytest

from audit.stream import died


def caused(error: Exception, by: Exception | None) -> Exception:
    error.__cause__ = by
    return error


@pytest.mark.parametrize(
    ("error", "how"),
    [
        (None, "fin"),
        (ConnectionResetError(104, "reset"), "rst"),
        (caused(OSError("lost"), ConnectionResetError(104, "reset")), "rst"),
        (caused(OSError("lost"), caused(ValueError("odd"), ConnectionResetError())), "rst"),
        (caused(OSError("lost"), EOFError("end")), "fin"),
        (aiohttp.ClientConnectionResetError("cannot write to a closing transport"), "fin"),
    ],
)
def test_a_reset_is_one_only_at_the_bottom(error: Exception | None, how: str) -> None:
    assert died(error) == how
