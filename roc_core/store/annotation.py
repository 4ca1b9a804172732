"""The tables of annotators' work, together."""

from __future__ import annotations

from roc_core.store.assignments import AssignmentTable
from roc_core.store.connection import Connector
from roc_core.store.queues import QueueTable
from roc_core.store.remarks import MarkTable


class AnnotationTables:
    """Marks, queues and assignments of one workspace."""

    def __init__(self, at: Connector) -> None:
        self.marks = MarkTable(at)
        self.queues = QueueTable(at)
        self.assignments = AssignmentTable(at)
