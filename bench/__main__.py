"""`python -m bench`: the main job."""

from __future__ import annotations

import sys

from bench import main_job

sys.exit(main_job.main())
