"""Random documents: eclusa and the brute-force model come to the same.

    ECLUSA_MODEL_SEEDS=500 tools/with_postgres.sh python -m pytest -s tests/model/test_documents.py
    tools/with_postgres.sh python -m tests.model.documents_replay 17        # one of them, in full

As in test_property.py, the run fails where something that must be met was not.
"""

from __future__ import annotations

import collections
import os
from collections.abc import Iterator

import pytest

from tests import database, product
from tests.model import (
    documents_compare,
    documents_generate,
    documents_model,
    documents_seeds,
    documents_shrink,
)

SEEDS = documents_seeds.choose_seeds(int(os.environ.get("ECLUSA_MODEL_SEEDS", "60")))

occurred: collections.Counter[str] = collections.Counter()


@pytest.fixture(scope="module")
def comparer() -> Iterator[documents_compare.Comparer]:
    with (
        database.scratch_database("eclusa_documents") as conninfo,
        database.connect(conninfo) as connection,
    ):
        yield documents_compare.Comparer(product.Eclusa(conninfo), connection)


@pytest.mark.parametrize("seed", SEEDS)
def test_eclusa_does_with_documents_what_the_model_says(
    seed: int, comparer: documents_compare.Comparer
) -> None:
    scenario = documents_generate.scenario(seed)
    expected = documents_model.run(scenario.schema, scenario.state, scenario.load)
    occurred.update(set(documents_compare.seen_in(expected)))
    difference = ""
    try:
        comparison = comparer.compare(scenario)
        # What the model alone does not show: that these runs were made.
        occurred.update(set(comparison.events) & set(documents_seeds.RUNS))
    except AssertionError as error:
        difference = str(error)
    if difference:
        told = documents_shrink.describe(scenario)
        replay = f"replay: python -m tests.model.documents_replay {seed} --shrink"
        pytest.fail(f"{difference}\n\n{told}\n\n{replay}", pytrace=False)


def test_everything_that_must_occur_has_occurred() -> None:
    wanted = (*documents_seeds.MUST_OCCUR, *documents_seeds.RUNS)
    for name in sorted({*wanted, *occurred}):
        print(f"{occurred[name]:6d}  {name}")
    assert not [name for name in wanted if not occurred[name]]
