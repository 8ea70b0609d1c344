"""`./x demo`: real files with real mistakes, to the end, on a database of the test."""

from __future__ import annotations

import os
import re
import subprocess

from tests import database
from tests.product import ROOT, Eclusa


def test_the_demo_shows_many_causes_and_ends_with_nothing_open() -> None:
    with database.scratch_database("demo") as conninfo:
        played = subprocess.run(
            [ROOT / "examples" / "demo" / "run.sh"],
            env={**os.environ, "LANG": "C.UTF-8", "ECLUSA_BIN": Eclusa(conninfo).binary, "ECLUSA_DEMO_DB": conninfo},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        said = played.stdout + played.stderr
        assert played.returncode == 0, said
        # A line each: how many rows, the code, the column.
        shown = set(re.findall(r"^ +\d+  ([a-z]+\.[a-z_]+)(?: |$)", played.stdout, re.MULTILINE))
        assert len(shown) >= 8 and "reference.missing" in shown, shown
        assert len(re.findall(r"^\$ eclusa (?:load|failures|resubmit|waive|jobs)\b", played.stdout, re.MULTILINE)) == 9
        with database.connect(conninfo) as sql:
            assert shown <= {code for (code,) in database.text_rows(sql, "SELECT DISTINCT unnest(codes) FROM eclusa.failures")}
            assert database.text_rows(sql, "SELECT state, open_failures FROM eclusa.jobs ORDER BY id") == [
                ("SUCCEEDED_WITH_FAILURES", "0"), ("SUCCEEDED_WITH_FAILURES", "0"),
                ("SUCCEEDED", "0"), ("SUCCEEDED_WITH_FAILURES", "0"),
            ]  # fmt: skip
            assert database.text_rows(sql, "SELECT count(*) FROM demo.fornecedores") == [("2000",)]
            assert database.text_rows(sql, "SELECT count(*) FROM demo.titulos") == [("9999",)]
            assert database.leftovers(sql) == []
        # The last table of the demo says so too: number of the job, and what is open.
        jobs = re.findall(r"^ +(\d+)  \d{4}-\d\d-\d\d .*?[A-Z_]{6,} +[\d,]+ +[\d,]+ +([\d,]+) ", played.stdout, re.MULTILINE)
        assert jobs == [("4", "0"), ("3", "0"), ("2", "0"), ("1", "0")], said
        assert "\x1b" not in said  # no terminal, no colours
