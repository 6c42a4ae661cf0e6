"""`python -m helpers`: the same commands as the Makefile, for every system."""

from helpers.cli import main

raise SystemExit(main())
