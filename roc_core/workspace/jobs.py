"""Starting long work on a workspace: what its jobs need is checked before they wait in line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from roc_core.jobs import KINDS
from roc_core.jobs.kinds import kind_named
from roc_core.workspace.models import version_named

if TYPE_CHECKING:
    from roc_core.workspace.workspace import Workspace


def settled(workspace: Workspace, kind: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a job with the model version named, so that the job keeps to it when
    another is chosen while it waits.

    Raises ValueRejected for an unknown kind, parameter or model version.
    """
    wanted = kind_named(kind, KINDS)
    wanted.check(parameters)
    given = dict(parameters)
    if "version" in wanted.parameters:
        given["version"] = str(given.get("version") or workspace.model_version)
        version_named(given["version"], workspace.path)
    return given
