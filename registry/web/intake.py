"""Taking in tables over HTTP: how an operation that reads them describes its body."""

from dataclasses import dataclass

from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType

from registry.web.tables import CSV, LINES


@dataclass
class TableOperation(Operation):
    """A table as CSV, or one JSON object in each line."""

    def __post_init__(self) -> None:
        text = Schema(type=OpenAPIType.STRING)
        lines = Schema(type=OpenAPIType.STRING, description="One JSON object in each line.")
        self.request_body = RequestBody(
            required=True,
            description="The rows; all of them are recorded, or none.",
            content={
                CSV: OpenAPIMediaType(schema=text),
                LINES[0]: OpenAPIMediaType(schema=lines),
            },
        )
