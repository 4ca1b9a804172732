"""Descriptions drafted by a language model, as a workspace offers them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from roc_core.errors import AnswersMissing, ValueRejected, WritingFailed
from roc_core.jobs import JobQueue, Progress
from roc_core.relations.drafts_check import check_drafts, read_answer, with_text
from roc_core.relations.prompting import Brief, answer_schema, facets_of, messages, rivals
from roc_core.relations.writing import Answer, Chat, Question, key_for, what_is_missing
from roc_core.relations.writing_http import KEY
from roc_core.schema import (
    MOST_DRAFTS,
    MOST_EXAMPLES,
    Endpoint,
    Facet,
    Relation,
    WritingReport,
    WrittenDraft,
)
from roc_core.store import Store
from roc_core.store.writing import Written
from roc_core.workspace import jobs
from roc_core.workspace.writing_examples import Shown, request_key, shown_examples
from roc_core.workspace.writing_reports import Waiting, summary

if TYPE_CHECKING:
    from roc_core.workspace.workspace import Workspace

SETTING = "writing"
IN_A_ROW = 2
"""So many relations in a row without an answer, and the rest is not asked for."""

Wait = Callable[[float], None]


class Writes:
    """The part of ``Workspace`` that has descriptions drafted."""

    _store: Store

    @property
    def writing(self) -> Writing:
        """Drafts of descriptions by a language model."""
        return Writing(cast("Workspace", self), self._store)


class Writing:
    """Drafts of descriptions by a language model. Nothing it writes is used before somebody keeps
    it (``relations.save``).

    A key is taken from the environment (see ``relations.writing.key_for``) or given with the call;
    it is never kept, logged or shown. Sentences of labelled items are sent to the endpoint, with
    slots in place of the mentions, unless its setting ``examples`` is 0.
    """

    def __init__(self, workspace: Workspace, store: Store) -> None:
        self._workspace, self._store = workspace, store

    # --- the endpoint ----------------------------------------------------------------------

    def endpoint(self) -> Endpoint | None:
        """Where the language model is reached, None before that was set."""
        text = self._store.setting(SETTING)
        if not text:
            return None
        try:
            known = {f.name for f in fields(Endpoint)}
            return Endpoint(**{k: v for k, v in json.loads(text).items() if k in known})
        except (ValueError, TypeError, AttributeError) as error:
            raise ValueRejected(
                "the endpoint's settings as they were kept", str(error), "Set the endpoint again."
            ) from None

    def set_endpoint(
        self,
        base_url: str,
        model: str,
        price_in: float | None = None,
        price_out: float | None = None,
        examples: int = 5,
        timeout: float = 120.0,
    ) -> Endpoint:
        """Keep where the language model is reached; see ``Endpoint``. Raises ValueRejected."""
        url, name = base_url.strip().rstrip("/"), model.strip()
        made = Endpoint(url, name, price_in, price_out, examples, timeout)
        self._store.set_setting(SETTING, json.dumps(asdict(made)))
        return made

    def forget_endpoint(self) -> None:
        """Have no endpoint again; answers that are here stay."""
        self._store.set_setting(SETTING, "")

    def ready(self, key: str = "") -> str:
        """What is missing before a draft can be asked for, in a sentence; "" for nothing. Nothing
        is sent."""
        return what_is_missing(self.endpoint(), key)

    def spent(self) -> tuple[int, int, float]:
        """How many answers are kept, their tokens, and the costs that are known, added up."""
        return self._store.writing.spent()

    # --- one relation ----------------------------------------------------------------------

    def draft(
        self,
        relation: str | Relation,
        count: int = 4,
        key: str = "",
        anew: bool = False,
        endpoint: Endpoint | None = None,
        wait: Wait = time.sleep,
    ) -> WritingReport:
        """Drafts for a relation by its id, or for one that is not in the catalogue yet: ``count``
        a facet, those that pass every check, scored by what-if where there are pair vectors.

        The same request is not asked twice but with ``anew``. ``endpoint`` is used in place of the
        one that is set. Raises WritingFailed when there is no endpoint or no answer from it,
        RelationUnknown, ValueRejected for a count that is none.
        """
        chat = self._chat(endpoint, key, wait)
        return self._draft(chat, self._relation(relation), _counted(count), anew)

    def kept(self, relation: str | Relation) -> WritingReport | None:
        """What the newest answer that is here holds for a relation; nothing is asked. None without
        one."""
        wanted = self._relation(relation)
        found = self._store.writing.newest(wanted.id)
        sent = shown_examples(self._store, wanted.id, MOST_EXAMPLES)
        return None if found is None else self._report(wanted, found, sent, 1)

    # --- all of them -----------------------------------------------------------------------

    def start(self, count: int = 2, relations: Sequence[str] = (), key: str = "") -> int:
        """Start job "write" for some relations, by default all; its number. A ``key`` reaches the
        job through its environment alone. Raises RelationUnknown, ValueRejected, WritingFailed."""
        for id in relations:
            self._workspace.catalogue.get(id)
        self._chat(None, key, time.sleep)
        given = {"relations": json.dumps(list(relations)) if relations else ""}
        settled = jobs.settled(self._workspace, "write", given | {"count": _counted(count)})
        secrets = {KEY: key} if key else {}
        return JobQueue(self._store).start("write", settled, secrets)

    def each(
        self,
        count: int = 2,
        relations: Sequence[str] = (),
        key: str = "",
        report: Progress = lambda done, total, stage: None,
        endpoint: Endpoint | None = None,
    ) -> Iterator[WritingReport | WritingFailed]:
        """A report, or why there is none, for each of the relations (all of the catalogue).

        Raises WritingFailed when the endpoint gives no answer for several in a row; answers are
        kept, so that the next time goes on from there.
        """
        catalogue = self._workspace.catalogue
        wanted = [catalogue.get(id) for id in relations] if relations else list(catalogue)
        waiting = Waiting(report, len(wanted))
        chat, failed = self._chat(endpoint, key, waiting), 0
        for done, relation in enumerate(wanted):
            waiting.at(done, relation.name)
            try:
                found: WritingReport | WritingFailed = self._draft(chat, relation, count, False)
                failed = 0
            except WritingFailed as error:
                failed += 1
                if failed >= min(IN_A_ROW, len(wanted)):
                    raise
                found = WritingFailed(error.expected, f"{relation.name}: {error.found}", error.todo)
            yield found
        waiting.at(len(wanted), "Done")

    # --- the parts -------------------------------------------------------------------------

    def _chat(self, endpoint: Endpoint | None, key: str, wait: Wait) -> Chat:
        used = endpoint or self.endpoint()
        if (missing := what_is_missing(used, key)) or used is None:
            raise WritingFailed("an endpoint that writes descriptions", "none in use", missing)
        return Chat(used, key_for(used, key), wait)

    def _relation(self, relation: str | Relation) -> Relation:
        return self._workspace.catalogue.get(relation) if isinstance(relation, str) else relation

    def _draft(self, chat: Chat, relation: Relation, count: int, anew: bool) -> WritingReport:
        others = rivals(relation, self._workspace.catalogue.relations)
        sent = shown_examples(self._store, relation.id, chat.endpoint.examples)
        question = _question(Brief(relation, tuple(s.text for s in sent), others, count))
        key = request_key(chat.endpoint, question.messages)
        known = None if anew else self._store.writing.get(key)
        if known is not None:
            return self._report(relation, known, sent, 1)
        answer = chat.ask(question)
        made = _written(relation, chat.endpoint, answer)
        report = self._report(relation, made, sent, 0, answer)
        if report.drafts:  # an answer of no use is asked for again
            self._store.writing.put(key, made, [s.item for s in sent])
        return report

    def _report(
        self,
        relation: Relation,
        written: Written,
        sent: Sequence[Shown],
        cached: int,
        answer: Answer | None = None,
    ) -> WritingReport:
        found, problem = read_answer(written.answer)
        if answer is not None and answer.refusal and not found:
            problem = f"The model refused: {answer.refusal[:200]}"
        if answer is not None and answer.cut:
            problem = f"{problem} The answer was cut off at its limit of tokens.".strip()
        good, refused = check_drafts(relation, found, [s.text for s in sent])
        return WritingReport(
            relation.id,
            self._scored(relation, good, written.model),
            (*([problem] if problem else []), *refused),
            written.model,
            written.prompt_tokens,
            written.completion_tokens,
            written.cost,
            cached,
            written.seconds,
        )

    def _scored(
        self, relation: Relation, good: Sequence[tuple[Facet, str]], model: str
    ) -> tuple[WrittenDraft, ...]:
        """Drafts with their gains, best first."""
        drafts = [WrittenDraft(relation.id, f, text, None, model) for f, text in good]
        if not any(d.facet != "contrast" for d in drafts):
            return tuple(drafts)
        try:
            what_if = self._workspace.what_if(relation.id)
        except AnswersMissing:
            return tuple(drafts)
        scored = []
        for draft in drafts:
            if draft.facet != "contrast":  # shown, never scored
                tried = what_if.try_(with_text(relation, draft.facet, draft.text))
                gain = tried.f1.after - tried.f1.before if tried.labelled else None
                draft = replace(draft, gain=gain)
            scored.append(draft)
        return tuple(sorted(scored, key=lambda d: (d.gain is None, -(d.gain or 0.0))))


def write_job(folder: Path, parameters: Mapping[str, Any], report: Progress) -> Mapping[str, Any]:
    """Job "write": drafts for some relations or all, kept for ``kept``; what was spent."""
    from roc_core.workspace.workspace import Workspace

    workspace = Workspace.open(folder)
    relations = json.loads(str(parameters.get("relations") or "[]"))
    count = _counted(int(parameters.get("count") or 2))
    return summary(list(workspace.writing.each(count, relations, report=report)))


def _question(brief: Brief) -> Question:
    facets = len(facets_of(brief.relation))
    return Question(
        messages(brief),
        answer_schema(brief.relation),
        answer_schema(brief.relation, brief.count),
        2048 + 80 * brief.count * facets,
    )


def _written(relation: Relation, endpoint: Endpoint, answer: Answer) -> Written:
    tokens = (answer.prompt_tokens, answer.completion_tokens)
    name = answer.model or endpoint.model
    return Written(relation.id, name, answer.text, *tokens, endpoint.cost(*tokens), answer.seconds)


def _counted(count: int) -> int:
    if not 1 <= count <= MOST_DRAFTS:
        raise ValueRejected(
            f"1 to {MOST_DRAFTS} drafts a facet", repr(count), "Correct the number."
        )
    return count
