"""Defects of cursors, restarts, credentials and strangers, planted into golden histories."""

from __future__ import annotations

from dataclasses import replace

from audit.event import Event, Phase
from audit.history import History

from .cutting import NEW, again, changed, did, edited, note, saw, swapped, without


def garbage_is_welcome(history: History) -> History:
    """A false cursor is answered as if it were a true one."""
    told = saw(history, "phone", "gap")[0]
    honest = next(e for e in did(history, "phone", "resume", Phase.OK) if e.value.get("recovered") is False)
    return without(swapped(history, honest, changed(honest, recovered=True)), told)


def there_is_nothing_at_a_false_cursor(history: History) -> History:
    """A false cursor is answered with "nothing to resume", and the device tries again."""
    asked = next(e for e in did(history, "phone", "resume") if e.index > note(history, "mark").index)
    early = replace(asked, index=NEW, value={**asked.value, "conn": 9})
    told = replace(early, index=NEW + 1, phase=Phase.OK, op=NEW, value={"conn": 9, "nothing": True})
    return swapped(history, asked, early, told, asked)


def nobody_says_that_it_is_too_late(history: History) -> History:
    """What expired is left out, and the resume counts as recovered."""
    return garbage_is_welcome(history)


def the_transcript_expires_too(history: History) -> History:
    """The gap has a name, and the answer is nowhere."""
    read = did(history, "phone", "read", Phase.OK)[-1]
    kept = [each for each in read.value["messages"] if each["role"] == "user"]
    return swapped(history, read, changed(read, messages=kept))


def the_run_has_no_ending(history: History) -> History:
    """What the restart broke off is running for ever."""
    run = saw(history, "laptop", "start")[0].value["run"]

    def endless(event: Event) -> Event | list[Event]:
        if event.what == "end" and event.value.get("run") == run:
            return []
        if event.what == "read" and event.phase is Phase.OK:
            told = [_running(each) if each.get("run") == run else each for each in event.value["messages"]]
            return changed(event, messages=told)
        return event

    return edited(history, endless)


def _running(message: dict[str, object]) -> dict[str, object]:
    return {**message, "ending": "running"} if message["role"] == "assistant" else message


def words_are_gone_after_the_restart(history: History) -> History:
    """The transcript of the answer begins with what came after the restart."""
    run = saw(history, "laptop", "start")[0].value["run"]
    read = did(history, "phone", "read", Phase.OK)[-1]
    short = [
        {**each, "text": "tok-0120 "} if (each["role"], each.get("run")) == ("assistant", run) else each
        for each in read.value["messages"]
    ]
    return swapped(history, read, changed(read, messages=short))


def the_expiry_looks_like_the_end(history: History) -> History:
    """Just before it is cut off, the phone is told that the answer is complete; the laptop gets more of it."""
    last = saw(history, "phone", "text", conn=1)[-1]
    end = replace(again(last, reason="completed"), what="end")
    end.value.pop("text")
    return swapped(history, last, last, end)


def a_fresh_credential_is_refused(history: History) -> History:
    """With another token the answer is 401 as before."""
    renewed = next(e for e in history.of("phone") if e.what == "renewed")
    done = next(e for e in did(history, "phone", "resume", Phase.OK) if e.index > renewed.index)
    mine = [e for e in history.of("phone") if e.phase is Phase.SEEN and e.value.get("conn") == done.value["conn"]]
    refused = replace(done, phase=Phase.FAIL, value={"conn": done.value["conn"], "status": 401, "error": "expired"})
    return without(swapped(history, done, refused), *mine)


def nobody_says_when_to_come_again(history: History) -> History:
    """Refusals carry no delay."""

    def bare(event: Event) -> Event:
        return replace(event, value={key: value for key, value in event.value.items() if key != "retry_ms"})

    return edited(history, bare)


def a_stranger_reads_along(history: History) -> History:
    """What the phone sees comes to the other user's device, too."""
    word = next(e for e in saw(history, "phone", "text") if e.index > did(history, "stranger", "join")[0].index)
    return swapped(history, word, word, replace(again(word, conn=1), who="stranger"))


def a_foreign_cursor_opens_the_session(history: History) -> History:
    """In a session of his own, the neighbor is shown words of ours."""
    asked = did(history, "neighbor", "resume")[0]
    word = next(e for e in saw(history, "phone", "text") if e.index > asked.index)
    return swapped(history, word, word, replace(again(word), who="neighbor"))


def a_stranger_may_stop(history: History) -> History:
    """The stop of another user's device is acknowledged."""
    done = did(history, "stranger", "stop", Phase.FAIL)[0]
    return swapped(history, done, replace(done, phase=Phase.OK, value={"ended": False}))
