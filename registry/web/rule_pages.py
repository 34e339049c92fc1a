"""A page for each rule that a finding of a comparison can name."""

from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.params import Parameter

from registry.compatibility.model import Direction, Formats, Severity
from registry.compatibility.rules import Rule, rules
from registry.errors import NotFound
from registry.web.language import Language, spoken

RuleInPath = Annotated[str, Parameter(description="A rule as findings name it: `EFA-REQ-01`.")]


class RuleItem(msgspec.Struct, frozen=True, kw_only=True):
    """A rule by its id; `href` leads to its page."""

    rule: str
    severity: Severity
    title: str
    href: str


class RuleList(msgspec.Struct, frozen=True, kw_only=True):
    """All rules."""

    items: list[RuleItem]


class RuleExample(msgspec.Struct, frozen=True, kw_only=True):
    """Two schemas as JSON text, for documents going in `direction`, and what tells them apart."""

    old: str
    new: str
    direction: Direction
    formats: Formats
    witness: str | None


class RulePage(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule means, an example in which it alone speaks, and what to do.

    `directions` says for which direction severity and example hold, and what holds for the others;
    `unproven` why no document can prove it, where that is so. What several changes do together has
    no example of one rule.
    """

    rule: str
    severity: Severity
    title: str
    remedy: str
    directions: str | None
    unproven: str | None
    example: RuleExample | None


@get("/rules", tags=["operations"], summary="The rules of comparisons")
async def list_rules(language: Language) -> Response[RuleList]:
    """Every rule that a finding can name, by its title."""
    items = [
        RuleItem(
            rule=name,
            severity=rule.severity,
            title=rule.text(language).title,
            href=f"/rules/{name}",
        )
        for name, rule in rules().items()
    ]
    return Response(RuleList(items=items), headers=spoken(language))


@get("/rules/{rule:str}", tags=["operations"], summary="A rule explained")
async def get_rule(rule: RuleInPath, language: Language) -> Response[RulePage]:
    """What a finding of this rule means, with an example and what to do."""
    found = rules().get(rule)
    if found is None:
        raise NotFound
    text = found.text(language)
    page = RulePage(
        rule=rule,
        severity=found.severity,
        title=text.title,
        remedy=text.remedy,
        directions=found.directions(language),
        unproven=text.unproven,
        example=_example(found),
    )
    return Response(page, headers=spoken(language))


def _example(rule: Rule) -> RuleExample | None:
    if rule.old is None or rule.new is None:
        return None
    return RuleExample(
        old=rule.old,
        new=rule.new,
        direction=rule.direction,
        formats=rule.formats,
        witness=rule.witness,
    )
