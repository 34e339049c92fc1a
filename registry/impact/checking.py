"""Checking a version before it is published: its number, and whom it would hit. Never writes."""

import msgspec

from registry import semver
from registry.authority import Actor
from registry.catalogue import store as catalogue
from registry.db import Query
from registry.impact import check_store as store
from registry.impact.checks import (
    Check,
    CheckDraft,
    Impact,
    ParametersHit,
    UsedVersion,
    hits,
)
from registry.impact.parameters import Viewing, parameters_hit
from registry.reuse.readiness import Worker
from registry.versions import store as versions
from registry.versions.comparisons import store as verdict_store
from registry.versions.comparisons.comparing import Comparing
from registry.versions.comparisons.contents import Content
from registry.versions.comparisons.shown import comparison
from registry.versions.comparisons.verdicts import VersionVerdict
from registry.versions.model import release_day, require_new_number
from registry.versions.numbers import honesty
from registry.versions.numbers.honesty import Judgement
from registry.versions.numbers.judging import judge
from registry.versions.numbers.places import unproposed
from registry.versions.preparing import Release, content_of, examined, is_published

# Where a check is told its number.
IN_BODY = "/version"


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """A release with its judgement, and how it compares with each version in use below it."""

    release: Release
    enforced: bool
    judged: Judgement
    used: list[VersionVerdict]
    parameters: ParametersHit | None

    @property
    def refusal(self) -> str | None:
        """The code of what publishing would be refused with for its number."""
        try:
            if self.enforced:
                honesty.require_honest(self.judged, self.release.overridden)
        except honesty.DishonestNumber as refused:
            return refused.code
        return None

    @property
    def affected(self) -> list[str]:
        """The versions whose users are hit."""
        return [one.old for one in self.used if one.breaks]

    @property
    def undecided(self) -> list[str]:
        """The versions of which nobody can tell whether their users are hit."""
        return [one.old for one in self.used if self.leaves_open(one)]

    def leaves_open(self, used: VersionVerdict) -> bool:
        """Whether a verdict calls for a major number without any proof of a break."""
        return used.bump_with(self.release.overridden) == "major" and not used.breaks

    @property
    def changed(self) -> list[str]:
        """The interfaces that are not what they are in the release before."""
        verdict = self.judged.lower
        return [one.name for one in verdict.interfaces if one.change != "same"] if verdict else []


async def check(
    db: Query, viewing: Viewing, actor: Actor, checker: Worker, given: Release
) -> Check:
    """What publishing a release would meet, and whom it would hit; its number may be none yet."""
    release = await _numbered(db, given)
    enforced = await _require_publishable(db, actor, release)
    release = await examined(db, release, checker)
    own = await content_of(db, release)
    formats = await catalogue.formats(db, release.service)
    comparing = Comparing(db, checker, formats=formats, given=release.by_sha256, again=True)
    judged = await judge(db, own, comparing, release.overridden)
    honesty.require_needed(release.draft.overrides, judged)
    used = await _with_versions_in_use(db, viewing, comparing, own)
    checked = Checked(
        release=release,
        enforced=enforced,
        judged=judged,
        used=used,
        parameters=await parameters_hit(db, viewing, checker, own, release.texts),
    )
    async with viewing() as view:
        return _answer(checked, await _impact(view, checked))


async def _numbered(db: Query, release: Release) -> Release:
    """Without a number, the release as if it were the next major one: below it all is allowed."""
    if release.version:
        semver.require_room(semver.parse(release.version, IN_BODY), IN_BODY)
        return release
    published = [
        semver.parse(one) for one in await versions.numbers(db, release.service, revoked=True)
    ]
    return msgspec.structs.replace(release, version=str(unproposed(published)))


async def _require_publishable(db: Query, actor: Actor, release: Release) -> bool:
    """Refuse what publishing refuses but for its schemas; returns if its number is enforced."""
    policy = await catalogue.policy(db, release.service)
    honesty.require_vouching(actor, release.draft.overrides)
    if not await is_published(db, release):
        published = await versions.numbers(db, release.service, revoked=True)
        require_new_number(release.version, published)
    released_on, _ = release_day(release.draft, policy, actor, await store.today(db))
    return honesty.is_enforced(policy, released_on)


async def _with_versions_in_use(
    db: Query, viewing: Viewing, comparing: Comparing, own: Content
) -> list[VersionVerdict]:
    """The verdicts on each version in use below the number of the release, and on the release."""
    async with viewing() as view:
        used = await store.versions_in_use(view, own.service, await store.today(view))
    number = semver.parse(own.version)
    below = [one for one in sorted(map(semver.parse, used)) if one < number]
    contents = await verdict_store.contents(db, own.service, [str(one) for one in below])
    return [await comparing.verdict(contents[str(one)], own) for one in below]


async def _impact(view: Query, checked: Checked) -> Impact:
    day, service = await store.today(view), checked.release.service
    affected = await store.hits(view, service, day, checked.affected)
    undecided = await store.hits(view, service, day, checked.undecided)
    possibly = await store.hits(view, service, day, None)
    states = {hit.organisation.key[:2] for hit in (*affected, *undecided, *possibly)}
    names = await store.state_names(view, states, day)
    overridden = checked.release.overridden
    return Impact(
        as_of=day,
        versions=[
            UsedVersion(
                version=one.old,
                bump=one.bump_with(overridden),
                undecided=checked.leaves_open(one),
                relation=one.relation,
                users=f"/v1/services/{service}/versions/{one.old}/users",
            )
            for one in checked.used
        ],
        affected=hits(affected, names),
        undecided=hits(undecided, names),
        possibly=hits(possibly, names),
        parameters=checked.parameters,
        referrers=await store.referrers(view, service, checked.changed),
    )


def _answer(checked: Checked, impact: Impact) -> Check:
    release, judged = checked.release, checked.judged
    draft = release.draft
    proposed = draft.version if isinstance(draft, CheckDraft) else None
    least = honesty.least_allowed(judged, release.overridden)
    shown = proposed or str(least)
    verdicts = [
        msgspec.structs.replace(one, new=shown) if one.new == release.version else one
        for one in judged.verdicts
    ]
    return Check(
        service=release.service,
        version=proposed,
        allowed=checked.refusal is None,
        refusal=checked.refusal,
        enforced=checked.enforced,
        required=str(least) if least else None,
        bump=judged.lower.bump_with(release.overridden) if judged.lower else None,
        relation=judged.lower.relation if judged.lower else None,
        comparisons=[comparison(release.service, one) for one in verdicts],
        impact=impact,
    )
