"""The embedded PostgreSQL: the program's own server for installations that name no other.

`postgres` runs as a direct child on a private unix socket without TCP; for root it runs as
`nobody`. It ends when its parent ends, however that happens. Nothing outside the data directory is
changed and no account is made.
"""

from registry.db.embedded.manager import (
    DataFromOtherMajor,
    EmbeddedPostgres,
    address,
    served_by_another,
)

__all__ = ["DataFromOtherMajor", "EmbeddedPostgres", "address", "served_by_another"]
