"""Data set files into a workspace: a dry run first, then all of it or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from roc_core import datasets
from roc_core.datasets.pictures import check_picture
from roc_core.errors import PictureMissing, PictureRejected, RecordRejected, ValueRejected
from roc_core.schema import Box, ErasedIds, Example, ImportReport, Record, Refusal
from roc_core.store import Store

Progress = Callable[[int, int], None]
SAMPLES = 5


@dataclass
class _Tally:
    """What an import has met so far."""

    refused: list[Refusal] = field(default_factory=list)
    samples: list[Record] = field(default_factory=list)
    labels: Counter[str] = field(default_factory=Counter)
    files: dict[str, None] = field(default_factory=dict)
    pictures: dict[Path, str | None] = field(default_factory=dict)
    gone: ErasedIds = field(default_factory=ErasedIds)
    erased: int = 0
    read: int = 0


def import_data(
    store: Store,
    format: str,
    path: Path,
    symmetric: frozenset[str] | None,
    *,
    dry_run: bool = False,
    strict: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Import a data set, or with ``dry_run`` say what would come in and what would be refused.

    Raises DataSetMissing, DataSetInvalid, ValueRejected for an unknown format and, with
    ``strict``, RecordRejected for the first malformed line; then nothing is added.
    """
    tally = _Tally(gone=store.erasures.ids())
    total = datasets.size(format, path)
    records = _records(store, format, path, symmetric, dry_run, strict, tally, progress, total)
    if dry_run:
        ids = [store.id_of(record, sha) for record, sha in records]
        known = len(store.known(ids))
        added = len(set(ids)) - known
        known = len(ids) - added
    else:
        if any(True for _ in store.counts()):
            store.backup(f"before import {format}")
        added, known = store.add_records(records)
    found = [sha for sha in tally.pictures.values() if sha]
    return ImportReport(
        format,
        tuple(tally.files),
        tally.read,
        added,
        known,
        tuple(tally.refused),
        tuple(sorted(tally.labels.items(), key=lambda p: (-p[1], p[0]))),
        len(set(found)),
        sum(sha is None for sha in tally.pictures.values()),
        dry_run,
        tuple(tally.samples),
        tally.erased,
    )


def _records(
    store: Store,
    format: str,
    path: Path,
    symmetric: frozenset[str] | None,
    dry_run: bool,
    strict: bool,
    tally: _Tally,
    progress: Progress | None,
    total: int,
) -> Iterator[tuple[Record, str | None]]:
    for one in datasets.read(format, path, strict=strict, symmetric=symmetric):
        tally.read += 1
        if progress and (tally.read % 200 == 0 or tally.read >= total):
            progress(tally.read, total)
        if isinstance(one, Record):
            try:
                record, sha = _with_picture(store, one, dry_run, tally)
            except RecordRejected as error:
                if strict:
                    raise
                one = Refusal(error.file, error.line, error.field, error.expected, error.found)
            else:
                if _stays_out(store, record, sha, tally.gone):
                    tally.erased += 1
                    continue
                if sha in tally.gone.pictures:
                    record, sha = _without_picture(record), None
                tally.labels[record.label.relation if record.label else "no label"] += 1
                tally.files.setdefault(
                    f"{record.provenance.source} {record.provenance.split}".strip()
                )
                if len(tally.samples) < SAMPLES:
                    tally.samples.append(record)
                yield record, sha
                continue
        tally.refused.append(one)


def _with_picture(
    store: Store, record: Record, dry_run: bool, tally: _Tally
) -> tuple[Record, str | None]:
    """The record and the hash of its picture. Without a usable picture a record of two spans
    comes in without one and is counted; a box needs its picture, so its record is refused."""
    path = record.example.picture
    if path is None:
        return record, None
    if path not in tally.pictures:
        tally.pictures[path] = _stored(store, path, dry_run, tally.gone)
    sha = tally.pictures[path]
    if sha is not None:
        return record, sha
    if any(isinstance(m.place, Box) for m in record.example.mentions):
        where = record.provenance
        raise RecordRejected(
            where.source,
            where.line,
            "picture",
            "a readable picture, as a mention is a box",
            str(path),
        )
    return replace(record, example=replace(record.example, picture=None)), None


def _stays_out(store: Store, record: Record, sha: str | None, gone: ErasedIds) -> bool:
    """Whether a record was erased, needs a picture that was, or is here without that picture."""
    if not (gone.items or gone.pictures):
        return False
    id = store.id_of(record, sha)
    if id in gone.items:
        return True
    boxed = any(isinstance(m.place, Box) for m in record.example.mentions)
    return sha in gone.pictures and (boxed or bool(store.known([id])))


def _without_picture(record: Record) -> Record:
    return replace(record, example=replace(record.example, picture=None, picture_text=""))


def _stored(store: Store, path: Path, dry_run: bool, gone: ErasedIds) -> str | None:
    """Hash of a picture file, stored unless in a dry run or erased before; None when it cannot be
    used."""
    try:
        checked = check_picture(path.read_bytes(), path.name)
        if not dry_run and checked.sha256 not in gone.pictures:
            store.put_picture(
                checked.sha256, checked.data, checked.suffix, checked.width, checked.height
            )
    except (OSError, PictureRejected, PictureMissing):
        return None
    return checked.sha256


def require_example(example: Example) -> Example:
    """The example, if a model can read it.

    Raises PictureMissing when its picture file is not there, ValueRejected for text with lone
    surrogates, which no encoder can hold.
    """
    if any("\ud800" <= c <= "\udfff" for c in example.sentence + example.picture_text):
        raise ValueRejected(
            "text of whole Unicode characters",
            "half of a surrogate pair",
            "Paste the text again, or read the file as UTF-8.",
        )
    if example.picture is not None and not example.picture.is_file():
        raise PictureMissing(
            f"the picture file {example.picture}",
            "no such file",
            "Check the path, or leave the picture out.",
        )
    return example
