"""Whom a change hits, in the sentences that several forms of a report share."""

from collections.abc import Sequence

from registry.cli.checking.model import Report
from registry.cli.checking.words import counted, say, shown
from registry.compatibility.rules import Language
from registry.impact.checks import Hit, Hits, ParametersHit, UnfitParameters

Told = tuple[str, Sequence[str]]
"""A line, and those that belong under it."""


def told(report: Report, language: Language) -> list[Told]:
    """Whom the change hits: counted, named by Land, whose parameters do not fit, who refers.

    What breaks in no version in use does not break for those either whose version nobody recorded.
    """
    hit = report.impact
    if hit is None:
        return []
    groups = {"affected": hit.affected, "undecided": hit.undecided}
    if report.bump == "major" or any(one.bump == "major" for one in hit.versions):
        groups["possibly"] = hit.possibly
    lines = [line for rule, hits in groups.items() for line in _hits(rule, hits, language)]
    if not lines and report.bump == "major":
        lines = [(say("impact", "nobody", language) + ".", ())]
    lines += _parameters(hit.parameters, language) if hit.parameters else []
    for one in hit.referrers:
        address = f"efa:{one.service}/{one.version}/{one.interface}"
        lines.append((shown(say("report", "referrer", language, address=address)), ()))
    return lines


def _hits(rule: str, hits: Hits, language: Language) -> list[Told]:
    """Who is hit, own use included: first counted, then a line of names for each Land."""
    whom = _whom(hits, language)
    if not whom:
        return []
    lines: list[str] = []
    for state in hits.by_state:
        name = state.name or state.key or say("report", "elsewhere", language)
        bodies = ", ".join(_body(one, language) for one in state.items)
        lines.append(shown(f"{name}: {bodies}"))
    return [(say("impact", rule, language, whom=whom) + ":", lines)]


def _body(hit: Hit, language: Language) -> str:
    """Its name, the version it uses where that is recorded, and whether that is own use."""
    own = say("impact", "own", language) if hit.own_use else None
    marks = ", ".join(filter(None, (hit.version, own)))
    return f"{hit.organisation.name} ({marks})" if marks else hit.organisation.name


def _whom(hits: Hits, language: Language) -> str:
    """`2 reuses in 1 state (of which 1 by a municipality) and 1 own use`: what there is of that."""
    reuses, states, municipalities, own = (
        counted({name: getattr(hits, name)}, language)
        for name in ("reuses", "states", "municipalities", "own_use")
    )
    if reuses and states:
        reuses = say("impact", "in", language, reuses=reuses, states=states)
    if reuses and municipalities:
        reuses = say("impact", "of-them", language, reuses=reuses, municipalities=municipalities)
    if reuses and own:
        return say("impact", "and", language, reuses=reuses, own=own)
    return reuses or own


def _parameters(hit: ParametersHit, language: Language) -> list[Told]:
    """Which stored parameters would not be taken any more, and why; or that not all were seen."""
    lines: list[Told] = [(say("report", "withheld", language), ())] if hit.withheld else []
    if not hit.unfit:
        return lines
    counted = say("report", "parameters", language, unfit=hit.unfit, fitting=hit.fitting)
    return [*lines, (f"{counted}:", [shown(_unfit(one, language)) for one in hit.items])]


def _unfit(one: UnfitParameters, language: Language) -> str:
    reasons = [f"{each.pointer} {each.message[language]}".lstrip() for each in one.reasons]
    more = [] if one.complete else ["…"]
    return f"{one.organisation.name} ({one.version}): {'; '.join([*reasons, *more])}"
