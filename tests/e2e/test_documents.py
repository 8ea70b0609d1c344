"""Pages that are made from the code say what the code says."""

from __future__ import annotations

import subprocess

from tests.product import ROOT, Eclusa


def printed(*arguments: str) -> str:
    run = subprocess.run([Eclusa("").binary, *arguments], capture_output=True, check=True, text=True)
    return run.stdout


def test_the_table_of_constraints() -> None:
    page = (ROOT / "docs" / "constraints.md").read_text(encoding="utf-8")
    assert page.endswith(printed("docs", "constraints"))


def test_every_file_that_the_architecture_names_is_there() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    names = {word.strip("`.,;:()") for word in text.split() if word.startswith(("`src/", "(`src/", "`docs/", "`tests/", "`tools/"))}
    paths = [name for name in names if "{" not in name and "*" not in name and "NAME" not in name]
    assert len(paths) > 10
    assert [name for name in paths if not (ROOT / name).exists()] == []
