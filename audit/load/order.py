"""What the processes of one load are told: one JSON file, no secret in it.

A target file is read by each process itself, so that `${ENV}` secrets travel by environment and never by file.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ..errors import HarnessError
from ..files import write_atomic
from ..target import Target
from ..target_reading import load_target
from .churn import Churn

ORDER_ENV = "DURABLE_AUDIT_LOAD_ORDER"
TOTALS_ENV = "DURABLE_AUDIT_LOAD_TOTALS"
BEGUN_ENV = "DURABLE_AUDIT_LOAD_BEGUN"  # where to write at which monotonic second the plan began


@dataclass(frozen=True, slots=True)
class Order:
    """Target (a file's path, or TOML without secrets), plan, seed, and among how many processes it is dealt out.

    receive_clock: `kernel` counts a word from when the kernel had it, `app` from when the process read it.
    """

    target_file: str
    target_toml: str
    churn: Churn
    seed: int
    processes: int = 1
    receive_clock: str = "app"

    def target(self) -> Target:
        """The target; ConfigError as for any target file."""
        if self.target_file:
            return load_target(Path(self.target_file), os.environ)
        return load_target(self.target_toml, os.environ)

    def save(self, path: Path) -> None:
        """Write it for the processes."""
        write_atomic(path, json.dumps(asdict(self), indent=1) + "\n")

    @classmethod
    def from_environment(cls) -> Order:
        """The order this process was started with."""
        path = os.environ.get(ORDER_ENV, "")
        try:
            return TypeAdapter(cls).validate_json(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValidationError) as error:
            raise HarnessError(f"{ORDER_ENV} does not lead to the order of a load ({error})") from error
