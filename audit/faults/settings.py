"""What the settings of all faults have in common: they are frozen, say what is wrong with them, and read as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import ClassVar, Literal, TypeAlias

from ..event import Value
from .base import Direction

Reaches: TypeAlias = Literal["live", "new", "both"]
Span: TypeAlias = Literal["both", "down", "up"]

REACHES: tuple[Reaches, ...] = ("live", "new", "both")
SPANS: tuple[Span, ...] = ("both", "down", "up")
NS_PER_MS = 1_000_000
NS_PER_US = 1_000


@dataclass(frozen=True)
class Settings:
    """Settings of one fault; `id` and `refuses` belong to the kind of fault, everything else is a setting."""

    id: ClassVar[str]
    refuses: ClassVar[bool] = False

    def settings(self) -> Value:
        """The settings as JSON, for the receipt."""
        return asdict(self)


def whole(name: str, found: object, least: int, most: int | None = None) -> None:
    """Refuse a setting that is not a whole number within its bounds; ValueError names it."""
    if not isinstance(found, int) or isinstance(found, bool) or found < least or (most is not None and found > most):
        bounds = f"from {least}" if most is None else f"from {least} to {most}"
        raise ValueError(f"{name} must be a whole number {bounds}, not {found!r}")


def one_of(name: str, found: object, allowed: tuple[str, ...]) -> None:
    """Refuse a setting that is none of the words allowed; ValueError names it."""
    if found not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}, not {found!r}")


def spans(span: Span, direction: Direction) -> bool:
    """Does a fault with this `direction` setting touch the flow of this direction?"""
    return span in ("both", direction)
