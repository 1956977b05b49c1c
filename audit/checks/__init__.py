"""Every rule, one a file. `RULES` is the registry: a rule that is not in it does not exist."""

from __future__ import annotations

from .approval import APPROVAL
from .authority import AUTHORITY
from .backpressure import BACKPRESSURE
from .base import Rule
from .buffering import BUFFERING
from .completion_window import COMPLETION_WINDOW
from .concurrency import CONCURRENCY
from .control_delay import CONTROL_DELAY
from .convergence import CONVERGENCE
from .credential_expiry import CREDENTIAL_EXPIRY
from .cursor_honesty import CURSOR_HONESTY
from .cursor_integrity import CURSOR_INTEGRITY
from .discovery import DISCOVERY
from .duplication import DUPLICATION
from .early_resume import EARLY_RESUME
from .echo import ECHO
from .failure_truth import FAILURE_TRUTH
from .finish_race import FINISH_RACE
from .handoff import HANDOFF
from .hang import HANG
from .independence import INDEPENDENCE
from .interrupt import INTERRUPT
from .isolation import ISOLATION
from .join import JOIN
from .live_view import LIVE_VIEW
from .loss import LOSS
from .order import ORDER
from .presence import PRESENCE
from .readiness import READINESS
from .refused_reconnect import REFUSED_RECONNECT
from .replay_cost import REPLAY_COST
from .restart import RESTART
from .resubmission import RESUBMISSION
from .resume_delay import RESUME_DELAY
from .resurrection import RESURRECTION
from .retention import RETENTION
from .silence import SILENCE
from .steer import STEER
from .stop import STOP
from .stop_aim import STOP_AIM
from .stop_idempotence import STOP_IDEMPOTENCE
from .stop_reach import STOP_REACH
from .stop_visibility import STOP_VISIBILITY
from .stop_vs_disconnect import STOP_VS_DISCONNECT
from .subagents import SUBAGENTS
from .survival import SURVIVAL
from .tab_close import TAB_CLOSE
from .tab_freeze import TAB_FREEZE
from .termination import TERMINATION
from .text_integrity import TEXT_INTEGRITY

RULES: tuple[Rule, ...] = (
    # Resilient Delivery
    LOSS,
    DUPLICATION,
    ORDER,
    TEXT_INTEGRITY,
    TERMINATION,
    SURVIVAL,
    HANG,
    RESUME_DELAY,
    CURSOR_INTEGRITY,
    CURSOR_HONESTY,
    RETENTION,
    EARLY_RESUME,
    COMPLETION_WINDOW,
    RESUBMISSION,
    SILENCE,
    BUFFERING,
    BACKPRESSURE,
    FAILURE_TRUTH,
    RESTART,
    CREDENTIAL_EXPIRY,
    REFUSED_RECONNECT,
    # Continuity Across Surfaces
    JOIN,
    DISCOVERY,
    LIVE_VIEW,
    CONVERGENCE,
    ECHO,
    INDEPENDENCE,
    HANDOFF,
    TAB_FREEZE,
    TAB_CLOSE,
    ISOLATION,
    SUBAGENTS,
    APPROVAL,
    PRESENCE,
    REPLAY_COST,
    # Live Control
    STOP,
    STOP_VISIBILITY,
    STOP_REACH,
    STOP_AIM,
    STOP_IDEMPOTENCE,
    RESURRECTION,
    READINESS,
    CONCURRENCY,
    INTERRUPT,
    STEER,
    AUTHORITY,
    CONTROL_DELAY,
    FINISH_RACE,
    STOP_VS_DISCONNECT,
)

__all__ = [
    "APPROVAL",
    "AUTHORITY",
    "BACKPRESSURE",
    "BUFFERING",
    "COMPLETION_WINDOW",
    "CONCURRENCY",
    "CONTROL_DELAY",
    "CONVERGENCE",
    "CREDENTIAL_EXPIRY",
    "CURSOR_HONESTY",
    "CURSOR_INTEGRITY",
    "DISCOVERY",
    "DUPLICATION",
    "EARLY_RESUME",
    "ECHO",
    "FAILURE_TRUTH",
    "FINISH_RACE",
    "HANDOFF",
    "HANG",
    "INDEPENDENCE",
    "INTERRUPT",
    "ISOLATION",
    "JOIN",
    "LIVE_VIEW",
    "LOSS",
    "ORDER",
    "PRESENCE",
    "READINESS",
    "REFUSED_RECONNECT",
    "REPLAY_COST",
    "RESTART",
    "RESUBMISSION",
    "RESUME_DELAY",
    "RESURRECTION",
    "RETENTION",
    "RULES",
    "SILENCE",
    "STEER",
    "STOP",
    "STOP_AIM",
    "STOP_IDEMPOTENCE",
    "STOP_REACH",
    "STOP_VISIBILITY",
    "STOP_VS_DISCONNECT",
    "SUBAGENTS",
    "SURVIVAL",
    "TAB_CLOSE",
    "TAB_FREEZE",
    "TERMINATION",
    "TEXT_INTEGRITY",
    "Rule",
]
