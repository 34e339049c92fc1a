"""What the job of a GitLab or GitHub says of itself in its ID token, and whether it may publish."""

import hashlib
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any
from uuid import UUID

import msgspec

from registry.identity.issuers import Claims, IdTokenRefused

_LONGEST = 300
# GitHub's own, and those of its enterprise servers, end so; every other issuer is a GitLab.
_GITHUB = ("githubusercontent.com", "/_services/token", ".ghe.com")


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A job, by what its issuer vouches for; `ends` in seconds since 1970."""

    issuer: str
    project: str
    project_id: str
    namespace_id: str
    tag: str | None
    protected: bool
    jti: str
    ends: float

    @property
    def mark(self) -> bytes:
        """What tells its ID token from all others (32 bytes)."""
        return hashlib.sha256(f"{self.issuer}\n{self.jti}".encode()).digest()


class Allowed(msgspec.Struct, frozen=True, kw_only=True):
    """A pipeline as it is recorded: what it publishes for whom, and the project it is pinned to."""

    id: UUID
    organisation_id: UUID
    service: str
    tags: str
    project_id: str | None
    namespace_id: str | None


_GITHUB_NAMES: Mapping[str, str] = {
    "project": "repository",
    "project_id": "repository_id",
    "namespace_id": "repository_owner_id",
}
_GITLAB_NAMES: Mapping[str, str] = {
    "project": "project_path",
    "project_id": "project_id",
    "namespace_id": "namespace_id",
}


def job_of(claims: Claims) -> Job:
    """The job a proven ID token is of; refuses one that is of no job."""
    issuer = _text(claims, "iss")
    names = _GITHUB_NAMES if issuer.endswith(_GITHUB) else _GITLAB_NAMES
    told = {field: _text(claims, name) for field, name in names.items()}
    ref = _text(claims, "ref").removeprefix("refs/tags/")
    return Job(
        issuer=issuer,
        tag=ref if claims.get("ref_type") == "tag" else None,
        protected=str(claims.get("ref_protected")).lower() == "true",
        jti=_text(claims, "jti"),
        ends=float(claims["exp"]),
        **told,
    )


def _text(claims: Claims, name: str) -> str:
    value: Any = claims.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST or not value.isprintable():
        raise IdTokenRefused("id-token-claim", value=name)
    return value


def require_bound(job: Job, found: Sequence[Allowed], services: Sequence[str]) -> list[Allowed]:
    """The pipelines a job is of, all for one body; `services` narrows them (none: all)."""
    bound = [each for each in found if not services or each.service in services]
    missing = set(services) - {each.service for each in bound}
    if not bound or missing:
        raise IdTokenRefused("id-token-unbound", value=job.project)
    if len({each.organisation_id for each in bound}) > 1:
        raise IdTokenRefused("id-token-several-bodies")
    return bound


def require_release(job: Job, bound: Sequence[Allowed]) -> None:
    """Refuse a job that runs for no protected tag of the kind that was agreed."""
    if job.tag is None:
        raise IdTokenRefused("id-token-no-tag")
    if not job.protected:
        raise IdTokenRefused("id-token-unprotected", value=job.tag)
    for each in bound:
        if not fnmatchcase(job.tag, each.tags):
            raise IdTokenRefused("id-token-other-tag", value=job.tag, limit=each.tags)


def require_same_project(job: Job, bound: Sequence[Allowed]) -> None:
    """Refuse another project, or one of another owner, than came first from this path."""
    own = (job.project_id, job.namespace_id)
    if any(each.project_id and (each.project_id, each.namespace_id) != own for each in bound):
        raise IdTokenRefused("id-token-other-project", value=job.project)
