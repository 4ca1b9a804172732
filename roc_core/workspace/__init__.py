"""The composition root: the one API that the app, the command line and notebooks use."""

from roc_core.workspace.models import default_model, version_folders
from roc_core.workspace.workspace import FORMATS, Workspace

__all__ = ["FORMATS", "Workspace", "default_model", "version_folders"]
