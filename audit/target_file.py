"""The shape of a target file (docs/target-file.md): which keys there are, and which values they may have.

What is unknown is refused: a misspelled promise must not silently become "not declared".
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from .contract import ConcurrentSend, Disconnect, Idempotency
from .load.gates import Gate

Streaming = Literal["sse", "websocket", "polling"]
Agents = Literal["single", "orchestrator", "multi"]
Surface = Literal["web-tab", "mobile", "background"]
Capability = Literal["resilient-delivery", "continuity", "live-control"]

DEFAULT_FORMAT = "tok-{:04d}"
DEFAULT_PROMPT = (
    "Write the numbers from 1 to {items}, each as {example}, separated by single spaces, and nothing else. "
    '[items={items} pace_ms={pace_ms} first_ms={first_ms} burst={burst} format="{format}"{extra}]'
)
PLACEHOLDERS = ("items", "example", "pace_ms", "first_ms", "burst", "format", "extra")
PLACEHOLDER = re.compile(r"\{([A-Za-z_]+)\}")

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token of RFC 9110, section 5.6.2
_WORD_FORMAT = re.compile(r'[^\s{}"\[\]]*\{(?::(?:0[1-9])?d)?\}[^\s{}"\[\]]*')


def _address(url: str) -> str:
    """An http(s) URL with a host and nothing that belongs elsewhere, without its trailing slash."""
    url = url.strip()
    if re.search(r"[\x00-\x20\x7f]", url):
        raise ValueError("holds blanks or control characters")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"is not a URL ({error})") from None
    if parts.scheme not in ("http", "https"):
        raise ValueError("must start with http:// or https:// (WebSocket addresses are derived from it)")
    if parts.username is not None or parts.password is not None:
        raise ValueError("holds credentials; put them in [auth], where they stay out of every report")
    if not host or port == 0:
        raise ValueError("names no host that can be dialled")
    if parts.query or parts.fragment:
        raise ValueError("must end with its path; put query parameters in [auth] query")
    return url.rstrip("/")


def _line(text: str) -> str:
    """One line of visible text."""
    if not text.strip():
        raise ValueError("is blank")
    if _CONTROL.search(text):
        raise ValueError("must be one line without control characters")
    return text.strip()


def _command(text: str) -> str:
    """What a shell can be given: text, on several lines if need be."""
    if not text.strip():
        raise ValueError("is blank")
    if "\0" in text:
        raise ValueError("holds a null character")
    return text.strip()


def _headers(headers: dict[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError(f"{name[:40]!r} cannot be a header's name")
        if _CONTROL.search(value):
            raise ValueError(f"the value of {name[:40]!r} holds control characters")
    return headers


def _distinct(values: list[Any]) -> list[Any]:
    if not values:
        raise ValueError("is empty; leave the key out for the default")
    if len(set(values)) < len(values):
        raise ValueError("names something twice")
    return values


def _word_format(text: str) -> str:
    if not _WORD_FORMAT.fullmatch(text):
        raise ValueError("must be one word around {}, {:d} or {:04d}, without blanks, quotes or square brackets")
    return text


def _template(text: str) -> str:
    if not text.strip():
        raise ValueError("is blank")
    unknown = sorted({name for name in PLACEHOLDER.findall(text) if name not in PLACEHOLDERS})
    if unknown:
        raise ValueError(f"{{{unknown[0][:40]}}} is none of {', '.join(f'{{{name}}}' for name in PLACEHOLDERS)}")
    return text


def _gate(text: str) -> str:
    return str(Gate.parse(text))


class Table(BaseModel):
    """A table of the file: unknown keys are refused, and no value is quietly turned into another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False, hide_input_in_errors=True)


Line = Annotated[str, Field(max_length=200), AfterValidator(_line)]
Command = Annotated[str, Field(max_length=2_000), AfterValidator(_command)]
WordFormat = Annotated[str, Field(max_length=100), AfterValidator(_word_format)]
Prompt = Annotated[str, Field(max_length=10_000), AfterValidator(_template)]
Items = Annotated[int, Field(ge=10, le=100_000)]


class StrangerTable(Table):
    """`[auth.stranger]`: what another user of the target carries, who has no business in the sessions of an audit."""

    headers: Annotated[dict[str, str], AfterValidator(_headers)] = Field(
        default={}, examples=['{ Authorization = "Bearer ${OTHER_USERS_TOKEN}" }']
    )
    query: dict[str, str] = Field(default={}, examples=['{ api_key = "${OTHER_USERS_KEY}" }'])


class AuthTable(Table):
    """`[auth]`: what every request carries so that the target lets it in."""

    headers: Annotated[dict[str, str], AfterValidator(_headers)] = Field(
        default={}, examples=['{ Authorization = "Bearer ${API_TOKEN}" }']
    )
    query: dict[str, str] = Field(default={}, examples=['{ api_key = "${API_KEY}" }'])
    stranger: StrangerTable | None = None


class ArchitectureTable(Table):
    """`[architecture]`: how the product is built; what it needs decides what is judged."""

    streaming: Streaming | None = Field(default=None, examples=['"sse"'])
    needs: Annotated[list[Capability], AfterValidator(_distinct)] = Field(
        default=["resilient-delivery", "continuity", "live-control"],
        examples=['["resilient-delivery", "live-control"]'],
    )
    agents: Agents = Field(default="single", examples=['"orchestrator"'])
    surfaces: Annotated[list[Surface], AfterValidator(_distinct)] = Field(
        default=["web-tab"], examples=['["web-tab", "mobile"]']
    )


class ContractTable(Table):
    """`[contract]`: what the product promises (see audit.contract.Contract); leave out what it does not promise."""

    disconnect: Disconnect | None = Field(default=None, examples=['"continue"'])
    concurrent_send: ConcurrentSend | None = Field(default=None, examples=['"queue"'])
    retention_s: float | None = Field(default=None, ge=0, le=31_536_000, examples=["3600"])
    stop_budget_ms: int = Field(default=1_000, ge=1, le=600_000, examples=["1000"])
    idempotency: Idempotency | None = Field(default=None, examples=['"key"'])


class OracleTable(Table):
    """`[oracle]`: how to ask this target for numbered words."""

    items: Items | None = Field(default=None, examples=["60"])
    format: WordFormat = Field(default=DEFAULT_FORMAT, examples=['"tok-{:04d}"'])
    prompt: Prompt = Field(
        default=DEFAULT_PROMPT, examples=['"Count from 1 to {items}, each number written like {example}."']
    )
    fixed_items: Annotated[int, Field(ge=1, le=100_000)] | None = Field(default=None, examples=["200"])
    fixed_format: WordFormat | None = Field(default=None, examples=['"tok-{:04d}"'])
    fails: Prompt | None = Field(default=None, examples=['"Call the tool that always fails, then count to {items}."'])
    pauses: Prompt | None = Field(default=None, examples=['"Run the tool that takes a minute, then say done."'])
    approves: Prompt | None = Field(default=None, examples=['"Delete the file scratch.txt."'])
    delegates: Prompt | None = Field(default=None, examples=['"Let three researchers look into it at the same time."'])


class LimitsTable(Table):
    """`[limits]`: what an audit of this target may cost."""

    max_prompts: int = Field(default=1_000, ge=1, le=1_000_000, examples=["200"])
    jobs: int = Field(default=4, ge=1, le=64, examples=["4"])
    load_hosts: list[Line] = Field(default=[], examples=['["staging.example.com"]'])


class GatesTable(Table):
    """`[gates]`: what makes a run fail (see audit.load.gates)."""

    load: list[Annotated[str, AfterValidator(_gate)]] = Field(
        default=[], examples=['["lost == 0", "resume_delay_p95_ms < 2000"]']
    )


class HooksTable(Table):
    """`[hooks]`: what does to the target what no client can. Each a shell command, which is never run unasked."""

    restart: Command | None = Field(default=None, examples=['"docker compose restart chat"'])
    deploy: Command | None = Field(default=None, examples=['"kubectl rollout restart deployment/chat"'])
    token: Command | None = Field(default=None, examples=['"scripts/staging-token.sh"'])


class TlsTable(Table):
    """`[tls]`: how the target's certificate is checked."""

    verify: bool = Field(default=True, examples=["true"])
    ca_file: Line | None = Field(default=None, examples=['"certs/staging-ca.pem"'])


class TargetFile(Table):
    """The whole file. `options` is checked by the protocol's own model."""

    name: Line = Field(examples=['"support chat"'])
    base_url: Annotated[str, Field(max_length=2_000), AfterValidator(_address)] = Field(
        examples=['"https://staging.example.com/api"']
    )
    protocol: Line = Field(examples=['"session"'])
    auth: AuthTable = AuthTable()
    options: dict[str, Any] = Field(default={}, examples=['{ path = "/chat" }'])
    architecture: ArchitectureTable = ArchitectureTable()
    contract: ContractTable = ContractTable()
    oracle: OracleTable = OracleTable()
    limits: LimitsTable = LimitsTable()
    gates: GatesTable = GatesTable()
    hooks: HooksTable = HooksTable()
    tls: TlsTable = TlsTable()
