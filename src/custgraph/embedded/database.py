"""Opens the database: the engine, its settings, the tables and the sample data on first use."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event, insert
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from .sample import sample_data
from .search import fold
from .tables import customers, enterprises, metadata

# Raised when a table changes: a file of another version is refused, never misread.
SCHEMA_VERSION = 1
BUSY_SECONDS = 10


class UnusableDatabase(RuntimeError):
    """The database file cannot be opened, or is not one of this service's."""


def create_engine(path: Path | None) -> AsyncEngine:
    """Makes the engine. In memory, one connection holds the data, and requests take turns with it."""
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=":memory:" if path is None else str(path)),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=1 if path is None else 4,
        max_overflow=0,
        hide_parameters=True,
        connect_args={"timeout": BUSY_SECONDS, "isolation_level": None},
    )
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def writing(engine: AsyncEngine) -> AsyncEngine:
    """The same engine, for transactions that write: each takes the write lock first, so none has to be retried."""
    return engine.execution_options(writing=True)


async def open_database(engine: AsyncEngine, path: Path | None) -> None:
    """Creates the tables and the sample data where there are none; safe against other processes that do the same.

    Raises:
        UnusableDatabase: with a message that names the file and the fault.
    """
    try:
        if path is not None:
            await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
            await _use_wal(engine)
        async with writing(engine).begin() as connection:
            version = (await connection.exec_driver_sql("PRAGMA user_version")).scalar_one()
            if version == SCHEMA_VERSION:
                return
            tables = (await connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")).scalar_one()
            if version or tables:
                raise UnusableDatabase(f"{path} holds something else than this version's sample data; move it away.")
            data = await asyncio.to_thread(sample_data)
            await connection.run_sync(metadata.create_all)
            await connection.execute(insert(enterprises), data.enterprises)
            await connection.execute(insert(customers), data.customers)
            await connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")
    except (DatabaseError, OSError) as exc:
        fault = exc.orig if isinstance(exc, DatabaseError) else exc.strerror or exc
        raise UnusableDatabase(f"{path} cannot be used as the embedded database: {fault}.") from exc


async def _use_wal(engine: AsyncEngine) -> None:
    """Lets readers and one writer work at the same time. The mode stays with the file.

    Processes that switch a new file together can each wait for the other's lock until the busy timeout, so here none
    waits in SQLite: whoever finds the file locked lets go of it and comes back.
    """
    attempts = BUSY_SECONDS * 50
    async with engine.connect() as connection:
        await connection.exec_driver_sql("PRAGMA busy_timeout = 0")
        for attempt in range(attempts):
            try:
                await connection.exec_driver_sql("PRAGMA journal_mode = WAL")
                break
            except OperationalError as exc:
                if "locked" not in str(exc.orig) or attempt == attempts - 1:
                    raise
            await asyncio.sleep(random.uniform(0.01, 0.03))  # noqa: S311 - so that two do not come back together
        await connection.exec_driver_sql(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")


def _prepare(connection: Any, _record: object) -> None:
    connection.create_function("fold", 1, fold, deterministic=True)
    cursor = connection.cursor()
    # Sample data survives a crash of the process; it need not survive a power cut.
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    # Reads need no transaction; the driver's own BEGIN is off (isolation_level None).
    if connection.get_execution_options().get("writing"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
