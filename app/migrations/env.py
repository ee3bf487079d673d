"""How migrations run: foreign keys off on SQLite while tables are rebuilt, then checked."""

from alembic import context
from flask import current_app

from app.kernel.db import db


def include(_thing: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    """Leave out what the models do not describe: the full-text index and its tables."""
    return not (kind == "table" and name is not None and name.startswith("search_index"))


def run() -> None:
    """Apply the migrations through the application's own engine."""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.rollback()
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            include_object=include,
            render_as_batch=True,
            compare_type=True,
            transaction_per_migration=not sqlite,
        )
        with context.begin_transaction():
            context.run_migrations()
        if connection.in_transaction():
            connection.commit()
        if sqlite:
            wrong = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            if wrong:
                raise RuntimeError(f"rows without their parent after the migration: {wrong[:3]}")
            connection.rollback()
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")


run()
