"""One workspace with the starter set for reading and predicting, and makers of small files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from roc_core.workspace import Workspace


@pytest.fixture(scope="session")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace as ``init`` makes it. Tests only read it and ask the model."""
    return Workspace.create(tmp_path_factory.mktemp("starter") / "ws")


@pytest.fixture
def empty(tmp_path: Path) -> Workspace:
    """A workspace without the starter set."""
    return Workspace.create(tmp_path / "ws", starter=False)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "blue.png"
    Image.new("RGB", (60, 40), (10, 40, 220)).save(path)
    return path


@pytest.fixture
def write_jsonl(tmp_path: Path) -> Callable[..., Path]:
    """Writes objects (or text, for malformed lines) to a JSONL file."""

    def write(*lines: Any, name: str = "posts.jsonl") -> Path:
        text = [x if isinstance(x, str) else json.dumps(x, ensure_ascii=False) for x in lines]
        (tmp_path / name).write_text("\n".join(text) + "\n", "utf-8")
        return tmp_path / name

    return write
