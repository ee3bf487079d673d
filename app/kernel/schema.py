"""What tables cannot say: triggers and the search index, as the migrations must leave them."""

from app.kernel.search_index import INDEX_DDL
from app.kernel.trail import GUARD_DDL


def extra_ddl(dialect: str) -> list[str]:
    """Give the statements that follow the tables, in order."""
    return [*GUARD_DDL[dialect], *INDEX_DDL[dialect]]
