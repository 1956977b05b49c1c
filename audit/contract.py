"""What a target says of itself. Judges hold it to this and to nothing else.

"A disconnect must not cancel" is declared, not universal: some protocols define closing as cancelling
(MCP 2026-07-28, streamable HTTP; AG-UI's HttpAgent). None means "not declared", which is itself reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Disconnect: TypeAlias = Literal["continue", "cancel"]
ConcurrentSend: TypeAlias = Literal["queue", "reject", "interrupt", "parallel"]
Idempotency: TypeAlias = Literal["key", "none"]

RESILIENT_DELIVERY = "resilient-delivery"
CONTINUITY = "continuity"
LIVE_CONTROL = "live-control"
CAPABILITIES = (RESILIENT_DELIVERY, CONTINUITY, LIVE_CONTROL)
CAPABILITY_TITLES = {
    RESILIENT_DELIVERY: "Resilient Delivery",
    CONTINUITY: "Continuity Across Surfaces",
    LIVE_CONTROL: "Live Control",
}


@dataclass(frozen=True, slots=True)
class Contract:
    """The promises of a target's session surface.

    disconnect: does generation go on (`continue`) or end (`cancel`) when a device's connection is lost?
    concurrent_send: what happens to a prompt sent while a run is going on.
    retention_s: how long after a drop a device can still resume; None when not declared.
    stop_budget_ms: output must cease this long after a stop was acknowledged.
    idempotency: `key` when a prompt repeated with the same key makes one run, `none` when the product has no such key.
    """

    disconnect: Disconnect | None = None
    concurrent_send: ConcurrentSend | None = None
    retention_s: float | None = None
    stop_budget_ms: int = 1_000
    idempotency: Idempotency | None = None

    def undeclared(self) -> tuple[str, ...]:
        """Names of the promises this target does not make either way."""
        names = ("disconnect", "concurrent_send", "retention_s", "idempotency")
        return tuple(name for name in names if getattr(self, name) is None)
