"""Numbered migrations: how an empty or older database becomes a present one."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from sqlite_utils import Database

from roc_core.errors import StoreInvalid
from roc_core.store.clock import now
from roc_core.store.connection import APPLICATION_ID, immediate


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered step: SQL statements that run in one transaction."""

    number: int
    name: str
    sql: str

    def statements(self) -> list[str]:
        """The single statements, triggers kept whole."""
        found, rest = [], ""
        for line in self.sql.splitlines(keepends=True):
            rest += line
            if sqlite3.complete_statement(rest):
                found.append(rest)
                rest = ""
        return [*found, rest] if rest.strip() else found


def migrations() -> tuple[Migration, ...]:
    """All steps this program knows, in order, numbered 1, 2, 3 …"""
    folder = files("roc_core.store") / "migrations"
    found = []
    for file in folder.iterdir():
        match = re.fullmatch(r"(\d{4})_(\w+)\.sql", file.name)
        if match:
            found.append(Migration(int(match[1]), match[2], file.read_text(encoding="utf-8")))
    return tuple(sorted(found, key=lambda step: step.number))


def version(db: Database) -> int:
    """Number of the last step the database has seen, 0 for an empty one."""
    return int(db.conn.execute("PRAGMA user_version").fetchone()[0])


def is_empty(db: Database) -> bool:
    """Whether the database holds nothing at all and bears nobody's mark."""
    tables = db.conn.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    mark = db.conn.execute("PRAGMA application_id").fetchone()[0]
    return tables == 0 and mark == 0 and version(db) == 0


def require_ours(db: Database, path: Path, known: int) -> None:
    """Raises StoreInvalid when it is empty, another program's, or newer than ``known``."""
    expected = f"a workspace database in {path}"
    if is_empty(db):
        raise StoreInvalid(expected, "an empty file", "Create the workspace again in this folder.")
    if db.conn.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise StoreInvalid(
            expected, "a database of another program", "Choose another workspace folder."
        )
    if version(db) > known:
        raise StoreInvalid(
            f"{expected} of version {known} or older",
            f"version {version(db)}",
            "Open it with the newer program that wrote it, or update this one.",
        )


def migrate(db: Database, steps: tuple[Migration, ...]) -> int:
    """Apply the steps the database has not seen, each in its own transaction; return how many.

    Two programs may do this at once: each looks at the version again once it holds the lock.
    Raises sqlite3.Error; a step that fails leaves the database as it was before that step.
    """
    done = 0
    for step in steps:
        with immediate(db):
            if version(db) < step.number:
                _apply(db, step)
                done += 1
    return done


def _apply(db: Database, step: Migration) -> None:
    db.conn.execute(
        "CREATE TABLE IF NOT EXISTS migrations "
        "(number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied TEXT NOT NULL)"
    )
    for statement in step.statements():
        db.conn.execute(statement)
    db.conn.execute(
        "INSERT INTO migrations (number, name, applied) VALUES (?, ?, ?)",
        (step.number, step.name, now()),
    )
    db.conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.conn.execute(f"PRAGMA user_version = {step.number}")
