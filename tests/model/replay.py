"""Replays one scenario of the property test and tells it in full.

tools/with_postgres.sh python -m tests.model.replay 17
tools/with_postgres.sh python -m tests.model.replay 17 --shrink   # the smallest that still differs
python -m tests.model.replay 17 --show                            # only what the model says
"""

from __future__ import annotations

import argparse
import sys

from tests import database, product
from tests.model import compare, generate


def main() -> int:
    parser = argparse.ArgumentParser(description="Replays a scenario of the property test.")
    parser.add_argument("seed", type=int)
    parser.add_argument("--shrink", action="store_true")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    scenario = generate.scenario(options.seed)
    if options.show:
        print(compare.describe(scenario))
        return 0
    with (
        database.scratch_database("eclusa_replay") as conninfo,
        database.connect(conninfo) as connection,
    ):
        comparer = compare.Comparer(product.Eclusa(conninfo), connection)
        if options.shrink:
            scenario = compare.shrink(comparer, scenario)
        print(compare.describe(scenario))
        try:
            comparer.compare(scenario)
        except AssertionError as difference:
            print(f"\n{difference}")
            return 1
    print("\nno difference")
    return 0


if __name__ == "__main__":
    sys.exit(main())
