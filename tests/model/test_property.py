"""Random tables and files: eclusa and the brute-force model come to the same.

    ECLUSA_MODEL_SEEDS=500 tools/with_postgres.sh python -m pytest -s tests/model/test_property.py
    tools/with_postgres.sh python -m tests.model.replay 17        # one of them, told in full

The run fails where a code, a cascade or a way that is seldom gone did not occur: a property test that
stops meeting them would go on being green.
"""

from __future__ import annotations

import collections
import os
from collections.abc import Iterator

import pytest

from tests import database, product
from tests.model import compare, generate, model

SEEDS = compare.choose_seeds(int(os.environ.get("ECLUSA_MODEL_SEEDS", "60")))

occurred: collections.Counter[str] = collections.Counter()


@pytest.fixture(scope="module")
def comparer() -> Iterator[compare.Comparer]:
    with (
        database.scratch_database("eclusa_property") as conninfo,
        database.connect(conninfo) as connection,
    ):
        yield compare.Comparer(product.Eclusa(conninfo), connection)


@pytest.mark.parametrize("seed", SEEDS)
def test_eclusa_does_what_the_model_says(seed: int, comparer: compare.Comparer) -> None:
    scenario = generate.scenario(seed)
    expected = model.run(scenario.table, scenario.state, scenario.load)
    occurred.update(set(compare.seen_in(expected)))
    difference = ""
    try:
        comparison = comparer.compare(scenario)
        # What the model alone does not show: that these runs were made.
        occurred.update(set(comparison.events) - set(compare.MUST_OCCUR))
    except AssertionError as error:
        difference = str(error)
    if difference:
        told = compare.describe(scenario)
        replay = f"replay: python -m tests.model.replay {seed} --shrink"
        pytest.fail(f"{difference}\n\n{told}\n\n{replay}", pytrace=False)


def test_everything_that_must_occur_has_occurred() -> None:
    wanted = (
        *compare.MUST_OCCUR,
        "a dry run",
        "a row failed alone too",
        "a second run that changes nothing",
    )
    for name in sorted({*wanted, *occurred}):
        print(f"{occurred[name]:6d}  {name}")
    assert not [name for name in wanted if not occurred[name]]
