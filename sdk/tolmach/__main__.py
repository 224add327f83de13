"""Make ``python -m tolmach`` the same as ``tolmach``. It must not do anything else."""

import sys

from tolmach.cli.main import main

sys.exit(main())
