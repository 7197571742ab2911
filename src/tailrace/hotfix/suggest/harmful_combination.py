"""The harmful combination that `--broken` names, or that check reports show."""

from __future__ import annotations

from collections.abc import Sequence

from tailrace.conda.records import Channel
from tailrace.exposure.harmful import HarmfulCombination, parse_broken
from tailrace.hotfix.suggest.by_channel import suggest_by_channel
from tailrace.hotfix.suggest.errors import SuggestError
from tailrace.hotfix.suggest.identity import parse_fixed
from tailrace.model import CheckReport


class HarmNotSaidError(SuggestError):
    """It is not clear what is harmful: said twice, or shown by no report."""


def harmful_combination(
    broken: str | None,
    reports: Sequence[tuple[str, CheckReport]] = (),
    fixed: Sequence[str] = (),
    channels: Sequence[Channel] = (),
) -> HarmfulCombination | None:
    """The combination in the expression `broken`, else the one that the reports show; `None` without either.

    `reports`: each with a name for messages. `fixed`: builds that are known to be repaired (`NAME VERSION [BUILD]`).
    `channels`: their builds make what the reports show exact. Raises HarmNotSaidError, ExpressionError and
    FixedBuildError.
    """
    if broken is not None:
        if reports:
            raise HarmNotSaidError("--broken and --report both say what is harmful: give one of them.")
        return parse_broken(broken)
    if not reports:
        return None
    harmful = suggest_by_channel(reports, channels, fixed=tuple(map(parse_fixed, fixed))).harmful
    if not harmful:
        raise HarmNotSaidError("no report shows a break, so there is nothing to be exposed to.")
    return parse_broken(harmful)
