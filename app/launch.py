"""``python -m app.launch``: the server, with the model loading while the page opens.

The same as ``streamlit run app/main.py`` with the options given, but the encoders are read while
the server starts and the browser connects, so that the first answer does not wait for them.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from app.opened import warm

HEAD_START = 2.5
"""Seconds before the server starts beside the loading: both slow each other down, and a page that
is there a little later with its first answer at hand is the shorter wait."""
MAIN = Path(__file__).resolve().with_name("main.py")


def main() -> None:
    """Serve the app; arguments are Streamlit's."""
    folder = os.environ.get("ROC_WORKSPACE") or "workspace"
    warming = threading.Thread(target=warm, args=(folder,), daemon=True)
    warming.start()
    warming.join(HEAD_START)
    from streamlit.web.cli import main as streamlit

    sys.argv = ["streamlit", "run", str(MAIN), *sys.argv[1:]]
    streamlit()


if __name__ == "__main__":
    main()
