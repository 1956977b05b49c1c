"""What the registry holds of each adapter: its name, the options a target file may set, and how to build it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints

from ..event import JsonValue
from .base import Adapter

Path = Annotated[str, StringConstraints(pattern=r"^/\S*$")]  # relative to the target's base URL


class AdapterOptions(BaseModel):
    """Base of every options model: immutable, and a key it does not know is the user's typing error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class AdapterKind:
    """One wire protocol.

    id: the `protocol` of a target file. options_model: its `[options]`; every option has a default.
    build: the adapter for an instance of that model (each adapter names its own, hence Any).
    """

    id: str
    title: str
    options_model: type[AdapterOptions]
    build: Callable[[Any], Adapter]

    def configure(self, raw: Mapping[str, JsonValue]) -> Adapter:
        """The adapter for the options of a target file; pydantic.ValidationError names every one that is wrong."""
        return self.build(self.options_model.model_validate(raw))
