"""Every case of every .case file of this folder, each a test of its own.

tools/with_postgres.sh python -m pytest tests/cases
tools/with_postgres.sh python -m pytest tests/cases -k unique   # some of them
"""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import pytest

from tests import database, product
from tests.cases import case_file, case_runner

FOLDER = pathlib.Path(__file__).parent
CASES = list(case_file.read_folder(FOLDER))


@pytest.fixture(scope="module")
def conninfo() -> Iterator[str]:
    with database.scratch_database("eclusa_cases") as scratch:
        yield scratch


@pytest.mark.parametrize(
    "case", CASES, ids=[f"{pathlib.PurePath(case.file).stem}:{case.slug}" for case in CASES]
)
def test_case(case: case_file.Case, conninfo: str, tmp_path: pathlib.Path) -> None:
    with database.connect(conninfo) as connection:
        runner = case_runner.CaseRunner(product.Eclusa(conninfo), connection, tmp_path)
        failure = ""
        try:
            runner.run(case)
        except case_runner.CaseFailure as error:
            failure = str(error)
        if failure:
            pytest.fail(failure, pytrace=False)
