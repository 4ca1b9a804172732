"""One process or several that train together, through accelerate, on one code path."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any, TypeVar

import torch
from torch import nn

from roc_core.model.inputs import PairBatch

T = TypeVar("T")
PATIENCE = timedelta(hours=3)
"""How long the others wait while the first process checks on dev."""


def is_first() -> bool:
    """Whether this process is the one that saves and prints; true where there is only one."""
    return os.environ.get("RANK", "0") == "0"


class Processes:
    """The processes of one training. A launcher (accelerate launch, torchrun) starts them."""

    def __init__(self) -> None:
        from accelerate import (  # type: ignore[import-untyped]
            Accelerator,
            DistributedDataParallelKwargs,
            InitProcessGroupKwargs,
        )

        self._accelerator: Any = Accelerator(
            cpu=not torch.cuda.is_available(),
            mixed_precision="no",
            kwargs_handlers=[
                # A batch without pictures or types leaves their weights without gradients.
                DistributedDataParallelKwargs(find_unused_parameters=True, broadcast_buffers=False),
                InitProcessGroupKwargs(timeout=PATIENCE),
            ],
        )
        self.count: int = self._accelerator.num_processes
        self.number: int = self._accelerator.process_index
        device = self._accelerator.device
        self.device = torch.device("cpu") if device.type == "cpu" else device

    @property
    def first(self) -> bool:
        """Whether this process checks, saves and prints."""
        return self.number == 0

    def joined(self, module: nn.Module) -> nn.Module:
        """The module on this process's device; its gradients are averaged over the processes."""
        prepared: nn.Module = self._accelerator.prepare_model(module)
        return prepared

    def share(self, items: Sequence[T]) -> list[T]:
        """This process's part of a batch; all of it when there is not one item for each, which
        leaves the averaged gradient as it is."""
        if len(items) < self.count:
            return list(items)
        return list(items[self.number :: self.count])

    def here(self, batch: PairBatch) -> PairBatch:
        """A batch on this process's device."""
        if self.device.type == "cpu":
            return batch
        moved = {f.name: getattr(batch, f.name) for f in fields(batch)}
        return replace(
            batch,
            **{k: v.to(self.device) for k, v in moved.items() if isinstance(v, torch.Tensor)},
        )

    def mean(self, value: torch.Tensor) -> float:
        """Mean of a scalar over the processes."""
        if self.count > 1:
            value = self._accelerator.reduce(value.detach().clone(), "mean")
        return value.item()

    def from_first(self, make: Callable[[], T]) -> T:
        """What the first process makes, on all of them."""
        if self.count == 1:
            return make()
        from accelerate.utils import broadcast_object_list  # type: ignore[import-untyped]

        box: list[Any] = broadcast_object_list([make() if self.first else None])
        return box[0]
