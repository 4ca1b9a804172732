"""``python -m roc_core``."""

from roc_core.cli import main

if __name__ == "__main__":
    main()
