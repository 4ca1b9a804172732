"""The process of a made job: python -m tests.jobs.run_made WORKSPACE JOB."""

from __future__ import annotations

import sys

from roc_core.jobs.run import main
from tests.jobs.made import MADE, RUNNER

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], MADE, RUNNER))
