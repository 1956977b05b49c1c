"""All scenarios, in the order of the report. A test holds this tuple to the folder."""

from audit.scenario import Scenario

from . import (
    abandoned_run,
    burst_resume,
    connection_reset,
    dead_air,
    device_handoff,
    device_join,
    early_drop,
    long_absence,
    lost_reply,
    midstream_stop,
    network_drop,
    stop_elsewhere,
    stop_then_prompt,
    tab_switch,
)

SCENARIOS: tuple[Scenario, ...] = (
    network_drop.SCENARIO,
    connection_reset.SCENARIO,
    dead_air.SCENARIO,
    early_drop.SCENARIO,
    burst_resume.SCENARIO,
    long_absence.SCENARIO,
    lost_reply.SCENARIO,
    tab_switch.SCENARIO,
    device_join.SCENARIO,
    device_handoff.SCENARIO,
    midstream_stop.SCENARIO,
    stop_elsewhere.SCENARIO,
    stop_then_prompt.SCENARIO,
    abandoned_run.SCENARIO,
)
