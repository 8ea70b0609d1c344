"""Each line of docs/constraints.md has a case of its name, in which rows pass and rows fail as it says."""

from __future__ import annotations

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CASES = (ROOT / "tests" / "cases" / "constraints.case").read_text(encoding="utf-8")


def lines() -> list[list[str]]:
    page = (ROOT / "docs" / "constraints.md").read_text(encoding="utf-8")
    table = [line.split(" | ") for line in page.splitlines() if line.startswith("| ")]
    return [[cell.strip("| ") for cell in cells] for cells in table[1:]]


def case_named(name: str) -> str:
    found = re.search(rf"^case {re.escape(name)}\n(.*?)(?=^case |\Z)", CASES, re.DOTALL | re.MULTILINE)
    return found.group(1) if found else ""


def test_the_table_is_found() -> None:
    assert len(lines()) > 20


@pytest.mark.parametrize("line", lines(), ids=lambda line: line[0])
def test_a_line_has_a_passing_and_a_failing_case(line: list[str]) -> None:
    kind, _, _, codes = line
    case = case_named(kind)
    assert case, f"constraints.case has no case named {kind}"
    assert re.search(r"^outcomes .*\b(inserted|updated|deleted)=[1-9]", case, re.MULTILINE)
    assert re.search(r"^outcomes .*\bfailed=[1-9]", case, re.MULTILINE)
    failed = re.findall(r"^  \d+  ([a-z_]+\.[a-z_]+)", case, re.MULTILINE)
    assert failed
    if not codes.startswith("none"):
        named = [code.strip().split(" ")[0] for code in codes.split(",")]
        for code in failed:
            assert any(re.fullmatch(name.replace("*", ".*"), code) for name in named), code
