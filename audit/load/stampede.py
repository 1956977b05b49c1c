"""What happens when many devices are cut off at once and come back by one policy: a discrete-event simulation in bins
of time. Pure; imports numpy.

Devices on one rung of their backoff are alike, so they are counted, not followed one by one: a million cost little
more than a thousand, and every count stays a whole number.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

import numpy as np

from ..errors import ConfigError, Problem
from .backoff import Backoff, Floats, Ints, Ladder

SHORTEST_S, LONGEST_S = 0.001, 0.25  # of a bin
CELLS = 2_000_000  # bins × rungs that are kept at a time: 16 MB
ROUNDING = 1e-9  # 0.3 s is three bins of 0.1 s, whatever floats say
RECOVERED = 0.99  # of the devices


@dataclass(frozen=True, slots=True)
class Stampede:
    """Devices that are cut at the same instant, and what the server can take.

    rate: resumes a second that it answers; queue: how many more may wait (whoever comes then is refused at once);
    timeout_s: how long a device waits for its answer. One that gave up stays in the queue: the server finds out only
    when it answers, so its work is lost. To refuse costs the server nothing here; that it does in truth is why a bound
    on attempts a second matters. limit_s: when to stop watching (0: after five times the least possible time and ten
    times the longest wait). live: the share of the server's time, below 1, that the streams of all these devices take
    once everybody is back; resumes get what is left, so they grow slower with everyone who is.
    """

    devices: int
    rate: float
    queue: int
    timeout_s: float = 10.0
    limit_s: float = 0.0
    live: float = 0.0

    def __post_init__(self) -> None:
        wrong = [
            Problem(name, "must be above 0", "1000")
            for name in ("devices", "rate", "queue", "timeout_s")
            if not getattr(self, name) > 0
        ]
        if not 0 <= self.live < 1:
            wrong.append(Problem("live", "must be at least 0 and below 1", "0.3"))
        if wrong:
            raise ConfigError("reconnect storm", tuple(wrong))

    @property
    def least_s(self) -> float:
        """No policy brings everyone back sooner."""
        return self.devices / (self.rate * left_for_resumes(self.live))


def left_for_resumes(live: float) -> float:
    """What share of its rate a server keeps up on average over a storm, from the first device back to the last.

    The time for all is the integral of 1/(1 − live·x) over the share x that is back: −ln(1 − live)/live.
    """
    return 1.0 if live <= 0 else -live / math.log1p(-live)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went. Times in seconds from the cut, exact to `step_s`; None: not before the simulation ended, at `end_s`.

    back: devices that came back; p99_s, all_s: when 99 % and all of them were; attempts = back + refused + gave_up +
    open (still waiting for an answer at the end); peak_per_s: the most attempts in any one second.
    """

    devices: int
    back: int
    p99_s: float | None
    all_s: float | None
    attempts: int
    refused: int
    gave_up: int
    open: int
    peak_per_s: int
    step_s: float
    end_s: float

    @property
    def attempts_per_device(self) -> float:
        """On average."""
        return self.attempts / self.devices


def simulate(stampede: Stampede, backoff: Backoff, seed: int = 1, bins: int = 10_000) -> Outcome:
    """Play it. bins: into how many the least possible time is divided (within 1 to 250 ms)."""
    ladder = backoff.ladder()
    step_s = _step(stampede, ladder, bins)
    crowd = _Crowd(ladder, step_s, stampede.timeout_s, np.random.default_rng(seed))
    server = _Server(stampede, step_s)
    limit_s = stampede.limit_s or 5 * stampede.least_s + 10 * (ladder.longest() + stampede.timeout_s)
    start = np.zeros(len(ladder.lows), dtype=np.int64)
    start[0] = stampede.devices
    crowd.send_away(start)
    tried, back = _play(crowd, server, stampede.devices, math.ceil(limit_s / step_s))
    return _outcome(stampede, server, tried, back, step_s)


def _play(crowd: _Crowd, server: _Server, devices: int, bins: int) -> tuple[Ints, Ints]:
    """Attempts and devices back, bin by bin, until everyone is back."""
    tried, back = np.zeros(bins, dtype=np.int64), np.zeros(bins, dtype=np.int64)
    missing = devices
    for now in range(bins):
        arrived = crowd.arriving(now)
        tried[now] = total = int(arrived.sum())
        answered, gave_up, refused = server.take(total)
        back[now] = server.serve(missing)
        missing -= int(back[now])
        if refused or gave_up:
            crowd.split(arrived, answered, gave_up)
        if not missing:
            return tried[: now + 1], back[: now + 1]
    return tried, back


class _Server:
    """A queue that is served in order at a fixed rate."""

    def __init__(self, stampede: Stampede, step_s: float) -> None:
        self.queue, self.patience = stampede.queue, math.floor(stampede.rate * stampede.timeout_s)
        self.a_bin, self.taken = stampede.rate * step_s, stampede.live / stampede.devices
        self.devices = stampede.devices
        self.credit, self.waiting = self.a_bin, 0
        self.line: deque[tuple[int, int]] = deque()  # (still there when it is their turn, gave up by then)
        self.refused = self.gave_up = 0

    def take(self, arrived: int) -> tuple[int, int, int]:
        """How many of them will be answered in time, give up waiting, are refused. Room is made during a bin, too."""
        entered = min(arrived, max(0, self.queue - self.waiting + math.floor(self.credit)))
        in_time = min(entered, max(0, self.patience + math.floor(self.credit) - self.waiting))
        if entered:
            self.line.append((in_time, entered - in_time))
        self.waiting += entered
        self.gave_up += entered - in_time
        self.refused += arrived - entered
        return in_time, entered - in_time, arrived - entered

    def serve(self, missing: int) -> int:
        """Answer as many as a bin allows with so many not back; gives the number of those who were still there."""
        turns = min(math.floor(self.credit), self.waiting)
        a_bin = self.a_bin * (1 - self.taken * (self.devices - missing))
        self.credit = min(self.credit - turns, 1.0 if self.waiting == turns else math.inf) + a_bin
        self.waiting -= turns
        back = 0
        while turns:
            there, gone = self.line.popleft()
            served, turns = min(there, turns), turns - min(there, turns)
            back += served
            gone, turns = gone - min(gone, turns), turns - min(gone, turns)
            if there - served + gone:
                self.line.appendleft((there - served, gone))
        return back

    def still_waiting(self) -> int:
        """Devices that will be answered in time, later."""
        return sum(there for there, _ in self.line)


@dataclass(slots=True)
class _Crowd:
    """Everyone who is away: how many come in which bin, by the rung of their backoff. The bins are a ring."""

    ladder: Ladder
    step_s: float
    timeout_s: float
    rng: np.random.Generator
    now: int = 0
    coming: Ints = field(init=False)
    tables: dict[int, tuple[Ints, Floats, Ints]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        far = math.ceil((self.ladder.longest() + self.timeout_s) / self.step_s) + 3
        self.coming = np.zeros((far, len(self.ladder.lows)), dtype=np.int64)

    def arriving(self, now: int) -> Ints:
        """Who comes in this bin, by rung."""
        self.now = now
        row = self.coming[now % len(self.coming)]
        arrived = row.copy()
        row[:] = 0
        return np.asarray(arrived)

    def split(self, arrived: Ints, answered: int, gave_up: int) -> None:
        """Chance says which of them were lucky; the others go away again."""
        rest = arrived - self._some(arrived, answered)
        late = self._some(rest, gave_up)
        self.send_away(rest - late)
        self.send_away(late, self._bins(self.timeout_s))

    def send_away(self, counts: Ints, later: int = 0) -> None:
        """They wait and come again. Few are drawn one by one, many by the share of each bin."""
        widths = np.maximum(1, (self.ladder.highs - self.ladder.lows) / self.step_s)
        many = counts > widths
        for rung in np.flatnonzero(many):
            offsets, shares, after = self._table(int(rung))
            self._add(offsets + later, after, self.rng.multinomial(counts[rung], shares))
        rungs = np.repeat(np.arange(len(counts)), np.where(many, 0, counts))
        if len(rungs):
            waits = self.ladder.waits(rungs, self.rng)
            offsets = np.maximum(1, np.floor(waits / self.step_s + ROUNDING).astype(np.int64))
            self._add(offsets + later, self.ladder.after(rungs, waits), np.ones(len(rungs), dtype=np.int64))

    def _bins(self, seconds: float) -> int:
        return math.floor(seconds / self.step_s + ROUNDING)

    def _add(self, offsets: Ints, rungs: Ints, counts: Ints) -> None:
        np.add.at(self.coming, ((self.now + offsets) % len(self.coming), rungs), counts)

    def _some(self, counts: Ints, wanted: int) -> Ints:
        if wanted in (0, int(counts.sum())):
            return counts if wanted else np.zeros_like(counts)
        return np.asarray(self.rng.multivariate_hypergeometric(counts, wanted, method="marginals"))

    def _table(self, rung: int) -> tuple[Ints, Floats, Ints]:
        """For one rung: bins ahead, the share of devices that come in each, the rung they stand on then."""
        if rung not in self.tables:
            low, high = float(self.ladder.lows[rung]), float(self.ladder.highs[rung])
            first, last = self._bins(low), self._bins(min(high, self.ladder.cap))
            ends = np.arange(first + 1, last + 1) * self.step_s
            reached = np.minimum(np.append((ends - low) / (high - low) if high > low else ends, 1.0), 1.0)
            offsets = np.arange(first, last + 1)
            after = self.ladder.after(np.full(len(offsets), rung), np.asarray((offsets + 0.5) * self.step_s))
            self.tables[rung] = np.maximum(1, offsets), np.diff(reached, prepend=0.0), after
        return self.tables[rung]


def _step(stampede: Stampede, ladder: Ladder, bins: int) -> float:
    finest = float(ladder.highs[ladder.highs > 0].min()) / 4
    kept = (ladder.longest() + stampede.timeout_s) * len(ladder.lows) / CELLS
    return max(SHORTEST_S, kept, min(stampede.least_s / bins, LONGEST_S, finest))


def _outcome(stampede: Stampede, server: _Server, tried: Ints, back: Ints, step_s: float) -> Outcome:
    so_far, everyone = np.cumsum(back), stampede.devices
    second = max(1, round(1 / step_s))
    sums = np.concatenate([[0], np.cumsum(tried)])
    starts = np.arange(len(sums))
    in_a_second = sums[np.minimum(starts + second, len(tried))] - sums

    def when(wanted: int) -> float | None:
        bin = int(np.searchsorted(so_far, wanted))
        return round((bin + 1) * step_s, 6) if bin < len(so_far) else None

    return Outcome(
        devices=everyone,
        back=int(so_far[-1]),
        p99_s=when(math.ceil(everyone * RECOVERED)),
        all_s=when(everyone),
        attempts=int(tried.sum()),
        refused=server.refused,
        gave_up=server.gave_up,
        open=server.still_waiting(),
        peak_per_s=int(in_a_second.max()),
        step_s=step_s,
        end_s=round(len(back) * step_s, 6),
    )
