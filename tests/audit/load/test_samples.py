from __future__ import annotations

import json

from audit.load.samples import DEVICES, KEPT_BYTES, Samples


def test_only_the_first_devices_are_kept() -> None:
    samples = Samples()
    for device in range(DEVICES + 5):
        samples.keep(device, "s", "lost", 1.23456, [b"one", b"two"])
    assert [sample["device"] for sample in samples.found] == list(range(DEVICES))
    assert samples.found[0] == {"device": 0, "session": "s", "fault": "lost", "at_s": 1.235, "seen": ["one", "two"]}


def test_what_is_kept_can_be_written_down_whatever_it_was() -> None:
    samples = Samples()
    samples.keep(1, "s", "foreign", 0.0, [b"\xff\xed\xa0\x80", b"x" * 10_000])
    told = json.loads(json.dumps(samples.found, ensure_ascii=False).encode())
    assert len(told[0]["seen"][1]) == KEPT_BYTES
