"""The two dates of a page, as its form sends them: a field left empty asks for nothing."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from litestar.params import Parameter

from registry.audit import Moment, moment
from registry.audit.store import today
from registry.db import Query
from registry.errors import Fault, Malformed
from registry.site.addresses import recorded_by
from registry.web.params import KNOWN_AT

_DAY = r"([12][0-9]{3}-[0-9]{2}-[0-9]{2})?"
DayAsked = Annotated[str | None, Parameter(pattern=rf"^{_DAY}\Z")]
KnownAsked = Annotated[str | None, Parameter(pattern=rf"^({_DAY}|{KNOWN_AT})\Z")]
YesOrNo = Annotated[str | None, Parameter(pattern=r"^(true|false)?\Z")]
ServiceAsked = Annotated[str | None, Parameter(pattern=r"^[a-z0-9-]{0,80}\Z")]


@dataclass(frozen=True, kw_only=True)
class Dates:
    """The day whose state is shown, and the day (or position) by which it was recorded."""

    as_of: DayAsked = None
    known_at: KnownAsked = None

    async def moment(self, db: Query) -> Moment:
        """What they name; what is recorded by the end of a day to come is all that is recorded."""
        known_at = self.known_at or None
        if known_at and len(known_at) == len("2024-01-01") and "-" in known_at:
            day = _day("known_at", known_at)
            known_at = recorded_by(known_at) if day < await today(db) else None
        return await moment(db, _day("as_of", self.as_of) if self.as_of else None, known_at)


def _day(parameter: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Malformed(Fault(f"?{parameter}", "no-such-day", {"value": text})) from None
