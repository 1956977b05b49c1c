"""What a target offers beyond prompts and answers, as far as its file and its protocol say. Pure.

A scenario that needs something a target does not offer is left out of the plan and told among what was not tested: it
could neither pass nor fail.
"""

from __future__ import annotations

from .adapters.base import Traits
from .scenario import Feature, Scenario
from .target import Target

_PROMPTS: dict[Feature, str] = {
    "fails": "makes its agent fail",
    "pauses": "makes its agent fall silent for a while",
    "approves": "makes its agent ask for an approval",
    "delegates": "makes its agent start sub-agents",
}


def missing(target: Target, traits: Traits, hooks: bool) -> dict[Feature, str]:
    """Every feature that this target does not offer, with the reason in a sentence. hooks: they may be run."""
    found: dict[Feature, str] = {}
    for special, what in _PROMPTS.items():
        if not target.oracle.can(special):  # type: ignore[arg-type]  # the four are specials
            found[special] = f"No prompt is known that {what}; name one in [oracle] {special}."
    if not traits.steers:
        found["steers"] = "The protocol has no command that reaches an answer while it is written."
    if not traits.approves:
        found["approves"] = "The protocol has no command that answers what an agent asks for."
    if not traits.agents:
        found["delegates"] = "The protocol does not say which sub-agent speaks."
    if not traits.observable:
        found["observable"] = "No second device can follow an answer."
    if traits.subscribes and not traits.names_runs:
        found["apart"] = "The stream does not say of which answer a word is."
    if traits.stop != "command":
        found["stop"] = "There is no command that stops an answer."
    if not target.knows_stranger:
        found["stranger"] = "No second user is known; give one in [auth.stranger]."
    return found | _unmeant(target, hooks)


def _unmeant(target: Target, hooks: bool) -> dict[Feature, str]:
    """What takes more than a client."""
    found: dict[Feature, str] = {}
    if target.means.restart is None and not target.hooks.restart:
        found["restart"] = "It is not known how to restart the target; say how in [hooks] restart."
    elif target.means.restart is None and not hooks:
        found["restart"] = "Restarting the target is left out; --allow-hooks lets it happen."
    if not target.mints:
        found["renewal"] = "It is not known how to get a credential that expires soon; say how in [hooks] token."
    return found


def left_out(scenario: Scenario, lacking: dict[Feature, str]) -> str:
    """Why a scenario cannot be played; empty when it can."""
    return next((lacking[feature] for feature in scenario.needs if feature in lacking), "")
