"""The proof of a report over HTTP: a signed ZIP file, checked offline by what lies in it."""

import asyncio
from typing import Annotated
from urllib.parse import urlencode

import msgspec
from litestar import Response, get
from litestar.di import Provide
from litestar.params import Parameter

from registry.audit import tree_store
from registry.audit.export import public_lines
from registry.audit.keys import all_signers
from registry.audit.model import UnknownLogPosition
from registry.audit.routes.log import LogKey
from registry.audit.statements import statement
from registry.audit.tree_store import Head
from registry.db import Reads
from registry.identity.door import COSTLY
from registry.site.proving import Question, packed, readme, verifier
from registry.site.routes.evaluation import REPORTS
from registry.site.routes.evaluation import Question as Asked
from registry.web.conditional import conditional
from registry.web.inside import answer_of
from registry.web.requests import AnyRequest

MOST_ENTRIES = 10_000
_ROWS = 200
OfReport = Annotated[str, Parameter(pattern=rf"^({'|'.join(REPORTS)})\Z")]


@get(
    "/auswertung/nachweis.zip",
    opt={COSTLY: True},
    dependencies={"asked": Provide(Asked, sync_to_thread=False)},
)
async def get_proof(
    request: AnyRequest, reads: Reads, asked: Asked, report: OfReport = "coverage"
) -> Response[bytes]:
    """A report with all that its check needs, the log included while it is small."""
    question, head = await _question(reads, asked, report)
    files = {
        "report.json": await answer_of(request, question.address),
        "report.csv": await answer_of(request, question.table),
    }
    if head.size <= MOST_ENTRIES:
        files["log.ndjson"] = b"".join([part async for part in public_lines(reads, head.size)])
    signers = all_signers(request.app.state.settings)
    signed = await asyncio.to_thread(statement, head.note, signers, files)
    files |= {
        "checkpoint.txt": head.note.encode(),
        "statement.txt": signed.encode(),
        "key.txt": f"{await _key(reads, head)}\n".encode(),
        "efa_verify.py": verifier(),
    }
    files["LIESMICH.txt"] = readme(question, files).encode()
    name = f"efa-nachweis-{report}-{question.day}-{question.known}"
    content = await asyncio.to_thread(packed, name, files)
    headers = {"Content-Disposition": f'attachment; filename="{name}.zip"'}
    return conditional(request, content, headers=headers, media_type="application/zip")


async def _question(db: Reads, asked: Asked, report: str) -> tuple[Question, Head]:
    """What is asked of which position of the log, and what was signed at it or first after it."""
    scope = await asked.scope(db)
    last = await tree_store.last_head(db)
    size = scope.at.size if scope.at.size is not None else last.size if last else 0
    head = await tree_store.first_head_from(db, size)
    if head is None:
        raise UnknownLogPosition
    demo = "true" if scope.demo else None
    filters = {"service": scope.service, "within": scope.within, "demo": demo}
    given = {name: value for name, value in filters.items() if value}
    dated = given | {"as_of": scope.at.day.isoformat(), "known_at": size}
    path = f"/v1/reports/{report}"
    question = Question(
        report=report,
        asked=", ".join(f"{name}={value}" for name, value in given.items()) or "–",
        address=f"{path}?{urlencode(dated | {'limit': _ROWS, 'proof': 1})}",
        table=f"{path}.csv?{urlencode(dated)}",
        day=scope.at.day.isoformat(),
        known=size,
        size=head.size,
    )
    return question, head


async def _key(db: Reads, head: Head) -> object:
    """The public key that signed at this size."""
    keys = msgspec.convert(await tree_store.origins(db), list[LogKey])
    return [key.verifier_key for key in keys if key.first_size <= head.size][-1]


HANDLERS = (get_proof,)
