"""The registry and the plain model driven side by side by hypothesis, and compared at random.

Each run of the machine has a service of its own, so that many runs share one registry and its log.
"""

import itertools
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition

from registry.agreements.actions import put_accession, put_agreement
from registry.agreements.model import AccessionDraft, AgreementDraft
from registry.catalogue.actions import put_service
from registry.catalogue.model import ServiceDraft
from registry.db import begin
from registry.identity.operator import operator
from registry.reuse.model import FIRST_STAGES, STAGES, Stage
from tests.catalogue.drafts import draft
from tests.reuse.compared import Compared
from tests.reuse.drafts import PRESS
from tests.reuse.failing import rule
from tests.reuse.plain import COMPETENT, EVER, Count, Joined, Plain, Reuse, Step, fits, may_follow
from tests.reuse.world import World
from tests.versions.published import interfaces

LANDS = ("05", "06", "02", "09", "13")
BODIES = (*LANDS, *COMPETENT, "06433")
SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}}}

bodies = st.sampled_from(BODIES)
offsets = st.integers(-60, 30)
stages = st.sampled_from(STAGES)
bases = st.sampled_from(("since", "since", "observed"))
versions = st.sampled_from((None, "1.0.0"))
counts = st.one_of(st.none(), st.integers(0, 50))
picks = st.integers(0, 1_000)


class LedgerMachine(RuleBasedStateMachine):
    """Rules that record, and rules that ask; `world` is set by who runs it."""

    world: World

    @initialize()
    def begin(self) -> None:
        """A service under the framework, with one version and a rule of who is competent."""
        self.slug = f"dienst-{next(self.world.names)}"
        self.today = self.world.run(self.world.api.conn.fetchval("select legal_today()"))
        self.plain = Plain()
        self.notes = itertools.count(1)
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.size = self.world.size()
        self.world.run(self._put_service("13", date(2020, 1, 1)))
        self.plain.builders.append((self.size, date(2020, 1, 1), "13"))
        path = f"/v1/services/{self.slug}/versions/1.0.0"
        assert self._send("PUT", path, interfaces(application=SCHEMA)).status_code == 201
        self.world.run(self._put_agreements())
        self._advance()
        self.sizes = [self.size]
        self.kept: dict[str, bytes] = {}

    async def _put_service(self, builder: str, day: date) -> None:
        rule = {"bodies": list(COMPETENT), "source": "Probe"}
        document = draft(
            self.slug,
            builders=[{"organisation": builder}],
            agreement_basis="dachabkommen",
            competence=[rule],
        )
        async with begin(self.world.api.conn, operator()) as tx:
            await put_service(tx, self.slug, msgspec.convert(document, ServiceDraft), day)

    async def _put_agreements(self) -> None:
        for kind, name, more in (
            ("framework", "rahmen", {}),
            ("reuse", "vertrag", {"parent": f"rahmen-{self.slug}", "services": [self.slug]}),
        ):
            slug = f"{name}-{self.slug}"
            told = {"slug": slug, "kind": kind, "names": {"de": name}, "in_force_from": "2000"}
            document = msgspec.convert(told | more, AgreementDraft)
            async with begin(self.world.api.conn, operator()) as tx:
                await put_agreement(tx, slug, document)

    def _send(self, method: str, path: str, sent: Any, **headers: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.world.admin.token}", **headers}
        content = sent if isinstance(sent, bytes) else msgspec.json.encode(sent)
        headers = {"Content-Type": "application/json", **headers}
        http = self.world.api.http
        return self.world.run(http.request(method, path, headers=headers, content=content))

    def _advance(self) -> int:
        """Number what is new; returns the number the first new event has got."""
        before, self.size = self.size, self.world.size()
        return before

    def _did(self, what: str) -> None:
        self.world.steps += 1
        self.world.did[what] += 1

    # Recording.

    def _draft(self, stage: Stage, offset: int | None, basis: str, **more: Any) -> dict[str, Any]:
        reported = more.pop("reported", False)
        day = None if offset is None else self.today + timedelta(days=offset)
        if day and basis == "observed" and day > self.today:
            basis = "since"
        sent = {"stage": stage, "basis": basis, "note": f"Nr. {next(self.notes)}", **more}
        evidence = {"kind": "reported", "reference": PRESS} if reported else None
        return sent | {"date": day.isoformat() if day else None, "evidence": evidence}

    def _step(self, reuse: Reuse, sent: dict[str, Any], taken_out: str = "") -> Step | None:
        """The step that a draft comes to; None where it must be refused."""
        stated = sent["date"]
        day = date.fromisoformat(stated) if stated else self.today
        reported = sent["evidence"] is not None
        step = Step(
            id="",
            known=self.size,
            ordinal=len(reuse.steps) + 1,
            stage=sent["stage"],
            day=day,
            basis=sent["basis"] if stated else "recorded",
            version=sent["version"],
            reported=reported,
            agreement=None,
        )
        standing = [one for one in reuse.standing(EVER) if one.id != taken_out]
        if not fits(standing, step.stage, step.basis, step.place):
            return None
        if self.plain.needs_cover(reuse.body, step.stage, day, reported):
            if not self.plain.covered(reuse.body, day):
                return None
            step.agreement = f"vertrag-{self.slug}"
        return step

    def _keep(self, reuse: Reuse, step: Step, answer: httpx.Response) -> None:
        """Keep a step that was recorded, under the id it got."""
        told = [each["id"] for each in answer.json()["steps"]]
        (step.id,) = {*told} - {each.id for each in reuse.steps}
        reuse.id = answer.json()["id"]
        reuse.steps.append(step)
        self.plain.reuses[reuse.body] = reuse
        self._recorded()

    def _recorded(self, events: int = 1) -> None:
        before = self._advance()
        assert self.size == before + events, (before, self.size, events)
        self.sizes += range(before + 1, self.size + 1)

    @rule(
        body=bodies,
        stage=st.one_of(st.sampled_from(sorted(FIRST_STAGES)), stages),
        offset=st.one_of(offsets, st.none()),
        basis=bases,
        version=versions,
        reported=st.booleans(),
    )
    def start(self, body: str, **told: Any) -> None:
        """A reuse begins; one that is there already is led to instead."""
        self._did("start")
        sent = self._draft(**told)
        document = {"organisation": body, "service": self.slug} | sent
        answer = self._send("POST", "/v1/reuses", document)
        begun = self.plain.reuses.get(body)
        if begun:
            assert answer.status_code == 409, answer.text
            assert answer.json()["address"] == f"/v1/reuses/{begun.id}"
            return
        reuse = Reuse(id="", body=body)
        step = self._step(reuse, sent)
        assert (answer.status_code == 201) == (step is not None), (sent, answer.text)
        if step:
            self._keep(reuse, step, answer)

    @precondition(lambda self: self.plain.reuses)
    @rule(
        pick=picks,
        stage=stages,
        offset=st.one_of(offsets, offsets, st.none()),
        basis=bases,
        version=versions,
        reported=st.booleans(),
    )
    def step(self, pick: int, **told: Any) -> None:
        """A further step, back-dated or in the future."""
        self._did("step")
        reuse, sent = self._picked(pick), self._draft(**told)
        step = self._step(reuse, sent)
        answer = self._send("POST", f"/v1/reuses/{reuse.id}/steps", sent)
        assert (answer.status_code == 201) == (step is not None), (sent, answer.text)
        if step:
            self._keep(reuse, step, answer)
            self.sent.append((reuse.body, sent))

    @precondition(lambda self: self.sent)
    @rule(pick=picks)
    def again(self, pick: int) -> None:
        """The identical step again changes nothing, unless it was taken out since."""
        self._did("again")
        body, sent = self.sent[pick % len(self.sent)]
        reuse = self.plain.reuses[body]
        if sent["date"] is None:
            return
        answer = self._send("POST", f"/v1/reuses/{reuse.id}/steps", sent)
        if answer.status_code == 200:
            self._recorded(events=0)
            return
        step = self._step(reuse, sent)
        assert (answer.status_code == 201) == (step is not None), (sent, answer.text)
        if step:
            self._keep(reuse, step, answer)

    def _picked(self, pick: int) -> Reuse:
        known = [*self.plain.reuses.values()]
        return known[pick % len(known)]

    @precondition(lambda self: self.plain.reuses)
    @rule(pick=picks, which=picks)
    def void(self, pick: int, which: int) -> None:
        """A step is taken out; again changes nothing."""
        self._did("void")
        reuse = self._picked(pick)
        wrong = reuse.steps[which % len(reuse.steps)]
        path = f"/v1/reuses/{reuse.id}/steps/{wrong.id}/void"
        answer = self._send("POST", path, {"reason": "Irrtum"})
        if wrong.id in reuse.voids:
            assert answer.status_code == 200, answer.text
            return
        rest = [step for step in reuse.standing(EVER) if step is not wrong]
        before = [step for step in rest if step.place < wrong.place]
        after = [step for step in rest if step.place > wrong.place]
        allowed = not after or may_follow(
            after[0].stage, after[0].basis, before[-1] if before else None
        )
        assert (answer.status_code == 201) == allowed, answer.text
        if allowed:
            reuse.voids[wrong.id] = self.size
            self._recorded()

    @precondition(lambda self: self.plain.reuses)
    @rule(
        pick=picks,
        which=picks,
        stage=stages,
        offset=offsets,
        basis=bases,
        version=versions,
        reported=st.booleans(),
    )
    def correct(self, pick: int, which: int, **told: Any) -> None:
        """A step is taken out and another put in its place, in one event."""
        self._did("correct")
        reuse, sent = self._picked(pick), self._draft(**told)
        wrong = reuse.steps[which % len(reuse.steps)]
        step = self._step(reuse, sent, taken_out=wrong.id)
        path = f"/v1/reuses/{reuse.id}/steps/{wrong.id}/corrections"
        answer = self._send("POST", path, sent | {"reason": "Irrtum"})
        if wrong.id in reuse.voids:
            assert answer.status_code == 409, answer.text
            return
        assert (answer.status_code == 201) == (step is not None), (sent, answer.text)
        if step:
            reuse.voids[wrong.id] = self.size
            self._keep(reuse, step, answer)

    @rule(
        rows=st.lists(st.tuples(bodies, stages, offsets, versions), min_size=1, max_size=5),
        reported=st.booleans(),
    )
    def batch(self, rows: list[tuple[str, Stage, int, str | None]], reported: bool) -> None:
        """A file of reuses and steps is recorded as a whole, or not at all."""
        self._did("batch")
        moves: list[tuple[Reuse, Step | None]] = []
        lines: list[dict[str, Any]] = []
        for body, stage, offset, version in {row[0]: row for row in rows}.values():
            sent = self._draft(stage, offset, "since", version=version, reported=reported)
            known = self.plain.reuses.get(body)
            row = {"organisation": body, "service": self.slug} | sent
            lines.append(row | ({"reuse": known.id} if known else {}))
            reuse = known or Reuse(id="", body=body)
            moves.append((reuse, self._step(reuse, sent)))
        content = b"\n".join(map(msgspec.json.encode, lines))
        answer = self._send(
            "POST", "/v1/reuses/batches", content, **{"Content-Type": "application/x-ndjson"}
        )
        sound = all(step for _, step in moves)
        assert (answer.status_code == 201) == sound, (lines, answer.text)
        if sound:
            self._keep_all(moves, answer)

    def _keep_all(self, moves: list[tuple[Reuse, Step | None]], answer: httpx.Response) -> None:
        for place, ((reuse, step), item) in enumerate(
            zip(moves, answer.json()["items"], strict=True)
        ):
            assert step is not None
            reuse.id, step.known = item["reuse"], self.size + place
            found = self.world.run(
                self.world.api.owner.fetchval(
                    "select id from reuse_steps where event_id = $1", UUID(item["event"])
                )
            )
            step.id = str(found)
            reuse.steps.append(step)
            self.plain.reuses[reuse.body] = reuse
        self._recorded(events=len(moves))

    @rule(builder=st.sampled_from(LANDS), offset=offsets)
    def hand_over(self, builder: str, offset: int) -> None:
        """Another Land builds the service from a day on."""
        self._did("hand over")
        day = self.today + timedelta(days=offset)
        self.world.run(self._put_service(builder, day))
        if (before := self._advance()) < self.size:
            self.plain.builders.append((before, day, builder))
            self.sizes.append(self.size)

    @rule(
        agreement=st.sampled_from(("rahmen", "rahmen", "vertrag")),
        body=bodies,
        offset=st.integers(-90, 30),
        length=st.one_of(st.none(), st.none(), st.integers(0, 60)),
    )
    def join(self, agreement: str, body: str, offset: int, length: int | None) -> None:
        """A body joins an agreement from a day on; told again, the last word holds."""
        self._did("join")
        begins = self.today + timedelta(days=offset)
        ends = begins + timedelta(days=length) if length is not None else None
        told = AccessionDraft(
            valid_from=begins.isoformat(), valid_to=ends.isoformat() if ends else None
        )

        async def put() -> None:
            async with begin(self.world.api.conn, operator()) as tx:
                await put_accession(tx, f"{agreement}-{self.slug}", body, told)

        self.world.run(put())
        if (before := self._advance()) < self.size:
            self.plain.joined.append(Joined(before, agreement, body, begins, ends))
            self.sizes.append(self.size)

    @rule(body=bodies, months=st.integers(0, 3), started=counts, completed=counts)
    def count(self, body: str, months: int, started: int | None, completed: int | None) -> None:
        """A month's uses are told, told anew, or withdrawn."""
        self._did("count")
        number = self.today.year * 12 + self.today.month - 1 - months
        month = f"{number // 12}-{number % 12 + 1:02d}"
        sent = {"organisation": body, "service": self.slug, "month": month, "channel": "online"}
        gone = started is None and completed is None
        figures = {"started": started, "completed": completed, "withdrawn": gone}
        answer = self._send("POST", "/v1/usage", sent | figures)
        reuse = self.plain.reuses.get(body)
        if reuse is None or all(step.private for step in reuse.steps):
            assert answer.status_code == 422, answer.text
            return
        told = [one for one in self.plain.counts if (one.body, one.month) == (body, month)]
        before = (told[-1].started, told[-1].completed) if told else (None, None)
        changed = before != (started, completed)
        assert answer.status_code == (201 if changed else 200), answer.text
        if changed:
            self.plain.counts.append(Count(self.size, body, month, started, completed))
            self._recorded()

    # Asking.

    @rule(offset=offsets, pick=st.one_of(st.none(), picks), what=st.sampled_from(Compared.KINDS))
    def ask(self, offset: int, pick: int | None, what: str) -> None:
        """One answer, for a day and as known now or once, beside what the model says."""
        self._did(f"ask {what}")
        size = None if pick is None else self.sizes[pick % len(self.sizes)]
        day = self.today + timedelta(days=offset)
        compared = Compared(self.plain, self.slug, day, size)
        for path, query in compared.questions(what):
            answer = self.world.run(self.world.api.http.get(path, params=query))
            self.world.questions += 1
            compared.check(what, path, answer)
            if size is not None:
                kept = self.kept.setdefault(str(answer.url), answer.content)
                assert kept == answer.content, answer.url

    @precondition(lambda self: self.kept)
    @rule(pick=picks)
    def ask_again(self, pick: int) -> None:
        """What was answered once as known then is answered by the same bytes."""
        self._did("ask again")
        address, kept = [*self.kept.items()][pick % len(self.kept)]
        assert self.world.run(self.world.api.http.get(address)).content == kept
