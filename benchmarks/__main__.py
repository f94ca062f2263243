"""``python -m benchmarks [NAME]``: run one benchmark, or all of them."""

from __future__ import annotations

import sys

from benchmarks.runner import main

sys.exit(main(sys.argv[1:]))
