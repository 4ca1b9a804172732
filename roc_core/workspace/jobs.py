"""Starting long work on a workspace: what its jobs need is checked before they wait in line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from roc_core.jobs import KINDS
from roc_core.jobs.kinds import kind_named
from roc_core.schema import Reading
from roc_core.workspace import feedback
from roc_core.workspace.models import version_named

if TYPE_CHECKING:
    from roc_core.workspace.workspace import Workspace


def settled(workspace: Workspace, kind: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a job with the model version named, so that the job keeps to it when
    another is chosen while it waits; the usual way of reading goes without saying. For job "learn"
    see ``feedback.settled``.

    Raises ValueRejected for an unknown kind, parameter, model version or variant.
    """
    wanted = kind_named(kind, KINDS)
    given = dict(parameters)
    if "annotators" in wanted.parameters:
        given = feedback.plain(given)
    wanted.check(given)
    if "version" in wanted.parameters:
        given["version"] = str(given.get("version") or workspace.model_version)
        version_named(given["version"], workspace.path)
    if "variant" in wanted.parameters:
        variant = Reading(given["version"], str(given.pop("variant", None) or "")).variant
        given |= {"variant": variant} if variant else {}
    if kind == "learn":
        given = workspace.learning.settled(given)
    return given
