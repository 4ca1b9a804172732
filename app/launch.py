"""``python -m app.launch``: the server, with the model loading while the page opens.

The same as ``streamlit run app/main.py`` with the options given, but the encoders are read while
the server starts and the browser connects, so that the first answer does not wait for them.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from roc_core.errors import RocError
from roc_core.workspace import Workspace

MAIN = Path(__file__).resolve().with_name("main.py")


def main() -> None:
    """Serve the app; arguments are Streamlit's."""
    threading.Thread(target=_warm, daemon=True).start()
    from streamlit.web.cli import main as streamlit

    sys.argv = ["streamlit", "run", str(MAIN), *sys.argv[1:]]
    streamlit()


def _warm() -> None:
    try:
        Workspace.create(os.environ.get("ROC_WORKSPACE") or "workspace").warm()
    except RocError:
        return  # The page meets the same error and shows it.


if __name__ == "__main__":
    main()
