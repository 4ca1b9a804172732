"""Twenty sessions that save at once, in several programs, on the same items: nothing is lost."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from roc_core.schema import Example, Item, ItemFilter, Label, Mention, Provenance, Record, Span
from roc_core.store import Store
from roc_core.workspace import Workspace

pytestmark = pytest.mark.soak
ROOT = Path(__file__).resolve().parents[2]
PROGRAMS, THREADS, SAVES, ITEMS = 4, 5, 200, 40
LABELS = (Label("None"), Label("/per/per/peer"), Label("/per/org/member_of", "forward"))

PROGRAM = """
import sys, threading
from roc_core.schema import Label
from roc_core.workspace import Workspace
folder, program, threads, saves = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
items = sys.argv[5:]
labels = (Label("None"), Label("/per/per/peer"), Label("/per/org/member_of", "forward"))
workspace, printing = Workspace.open(folder), threading.Lock()

def session(number):
    name = f"annotator {program}-{number}"
    for n in range(saves):
        token = f"{name} {n}"
        item, label = items[(n * 7 + number) % len(items)], labels[n % 3]
        mark = workspace.annotation.save(item, label, name, token=token)
        assert workspace.annotation.save(item, label, name, token=token).id == mark.id
        with printing:
            print(mark.id, flush=True)

sessions = [threading.Thread(target=session, args=(n,)) for n in range(threads)]
for one in sessions:
    one.start()
for one in sessions:
    one.join()
"""


def _workspace(folder: Path) -> tuple[Workspace, list[Item]]:
    workspace = Workspace.create(folder, starter=False)
    both = (Mention(Span(0, 4)), Mention(Span(12, 15)))
    Store.open(folder).add_records(
        (
            Record(Example(f"Anna greets Ben in town {n}", both), None, Provenance("made", line=n)),
            None,
        )
        for n in range(ITEMS)
    )
    return workspace, list(workspace.items(ItemFilter(), 0, ITEMS).items)


def test_twenty_sessions_of_200_saves_lose_nothing(
    tmp_path: Path, times: Callable[[int], int]
) -> None:
    workspace, items = _workspace(tmp_path / "ws")
    ids, saves = [item.id for item in items], times(SAVES)
    command = [sys.executable, "-c", PROGRAM, str(workspace.path)]
    programs = [
        subprocess.Popen(
            [*command, str(n), str(THREADS), str(saves), *ids],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for n in range(PROGRAMS)
    ]  # fmt: skip
    ended = [program.communicate(timeout=1800) for program in programs]
    assert [error for _, error in ended] == [""] * PROGRAMS
    printed = Counter(int(line) for out, _ in ended for line in out.splitlines())
    assert len(printed) == sum(printed.values()) == PROGRAMS * THREADS * saves
    store = Store.open(workspace.path)
    store.check()
    marks = [mark for id in ids for mark in workspace.annotation.marks(id)]
    assert {mark.id for mark in marks} == set(printed)
    said = Counter((mark.annotator, mark.item, mark.label) for mark in marks)
    wanted = Counter(
        (f"annotator {p}-{t}", ids[(n * 7 + t) % ITEMS], LABELS[n % 3])
        for p in range(PROGRAMS) for t in range(THREADS) for n in range(saves)
    )  # fmt: skip
    assert said == wanted
    rows = [row for id in ids for row in workspace.history(id)]
    assert {mark.correction for mark in marks} == {row.id for row in rows}
    for id in ids:
        history = workspace.history(id)
        assert workspace.item(id).corrections == len(history)
        if history:
            assert workspace.item(id).label == history[-1].label
