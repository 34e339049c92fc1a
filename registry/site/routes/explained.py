"""Rules and problems explained: what `/rules/…` and `/problems/…` say, for who reads."""

from typing import Annotated

from litestar import get
from litestar.params import Parameter

from registry.compatibility.rules import rules
from registry.errors import NotFound
from registry.site.routes.answers import Page, both, page, place_of
from registry.web.requests import AnyRequest
from registry.web.texts import problem_text, problem_texts

Name = Annotated[str, Parameter(max_length=80)]


@get(both("/regeln"))
async def list_rules(request: AnyRequest) -> Page:
    """Every rule that a finding of a comparison can name."""
    language = place_of(request).language
    told = [(name, rule.severity, rule.text(language).title) for name, rule in rules().items()]
    return page(request, "rules.html", rules=told)


@get(both("/regeln/{rule:str}"))
async def get_rule(request: AnyRequest, rule: Name) -> Page:
    """What a finding of this rule means, with an example and what to do."""
    found = rules().get(rule)
    if found is None:
        raise NotFound
    language = place_of(request).language
    text, directions = found.text(language), found.directions(language)
    return page(request, "rule.html", rule=found, id=rule, text=text, directions=directions)


@get(both("/probleme/{code:str}"))
async def get_problem(request: AnyRequest, code: Name) -> Page:
    """What a refusal means, and what can be done."""
    if code not in problem_texts():
        raise NotFound
    language = place_of(request).language
    parts = ("title", "detail", "remedy")
    text = {part: problem_text(code, part, language, {}) for part in parts}
    return page(request, "explained.html", code=code, text=text)


HANDLERS = (list_rules, get_rule, get_problem)
