"""Every rule, one a file. `RULES` is the registry: a rule that is not in it does not exist."""

from __future__ import annotations

from .base import Rule
from .buffering import BUFFERING
from .completion_window import COMPLETION_WINDOW
from .control_delay import CONTROL_DELAY
from .convergence import CONVERGENCE
from .cursor_integrity import CURSOR_INTEGRITY
from .discovery import DISCOVERY
from .duplication import DUPLICATION
from .early_resume import EARLY_RESUME
from .echo import ECHO
from .handoff import HANDOFF
from .hang import HANG
from .independence import INDEPENDENCE
from .join import JOIN
from .live_view import LIVE_VIEW
from .loss import LOSS
from .order import ORDER
from .readiness import READINESS
from .resubmission import RESUBMISSION
from .resume_delay import RESUME_DELAY
from .resurrection import RESURRECTION
from .stop import STOP
from .stop_aim import STOP_AIM
from .stop_idempotence import STOP_IDEMPOTENCE
from .stop_reach import STOP_REACH
from .stop_visibility import STOP_VISIBILITY
from .stop_vs_disconnect import STOP_VS_DISCONNECT
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
    EARLY_RESUME,
    COMPLETION_WINDOW,
    RESUBMISSION,
    BUFFERING,
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
    # Live Control
    STOP,
    STOP_VISIBILITY,
    STOP_REACH,
    STOP_AIM,
    STOP_IDEMPOTENCE,
    RESURRECTION,
    READINESS,
    CONTROL_DELAY,
    STOP_VS_DISCONNECT,
)

__all__ = [
    "BUFFERING",
    "COMPLETION_WINDOW",
    "CONTROL_DELAY",
    "CONVERGENCE",
    "CURSOR_INTEGRITY",
    "DISCOVERY",
    "DUPLICATION",
    "EARLY_RESUME",
    "ECHO",
    "HANDOFF",
    "HANG",
    "INDEPENDENCE",
    "JOIN",
    "LIVE_VIEW",
    "LOSS",
    "ORDER",
    "READINESS",
    "RESUBMISSION",
    "RESUME_DELAY",
    "RESURRECTION",
    "RULES",
    "STOP",
    "STOP_AIM",
    "STOP_IDEMPOTENCE",
    "STOP_REACH",
    "STOP_VISIBILITY",
    "STOP_VS_DISCONNECT",
    "SURVIVAL",
    "TAB_CLOSE",
    "TAB_FREEZE",
    "TERMINATION",
    "TEXT_INTEGRITY",
    "Rule",
]
