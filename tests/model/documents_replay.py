"""Replays one scenario of the property test of documents and tells it in full.

tools/with_postgres.sh python -m tests.model.documents_replay 17
tools/with_postgres.sh python -m tests.model.documents_replay 17 --shrink
python -m tests.model.documents_replay 17 --show                            # only what the model says
"""

from __future__ import annotations

import argparse
import sys

from tests import database, product
from tests.model import documents_compare, documents_generate, documents_shrink


def main() -> int:
    parser = argparse.ArgumentParser(description="Replays a scenario of documents.")
    parser.add_argument("seed", type=int, nargs="+")
    parser.add_argument("--shrink", action="store_true")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    if options.show:
        for seed in options.seed:
            print(documents_shrink.describe(documents_generate.scenario(seed)))
        return 0
    differ = 0
    with (
        database.scratch_database("eclusa_documents_replay") as conninfo,
        database.connect(conninfo) as connection,
    ):
        comparer = documents_compare.Comparer(product.Eclusa(conninfo), connection)
        for seed in options.seed:
            differ += not _replay(comparer, seed, shrink=options.shrink)
    return 1 if differ else 0


def _replay(comparer: documents_compare.Comparer, seed: int, *, shrink: bool) -> bool:
    scenario = documents_generate.scenario(seed)
    if shrink:
        scenario = documents_shrink.shrink(comparer, scenario)
    print(documents_shrink.describe(scenario))
    try:
        comparer.compare(scenario)
    except AssertionError as difference:
        print(f"\n{difference}")
        return False
    print("\nno difference")
    return True


if __name__ == "__main__":
    sys.exit(main())
