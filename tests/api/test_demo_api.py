"""`./x demo api`: the whole conversation with curl alone, on a database of the test."""

import os
import re
import subprocess

from tests import database
from tests.product import ROOT, Eclusa


def test_the_demo_ends_with_nothing_open_and_no_server() -> None:
    with database.scratch_database("demo_api") as conninfo:
        played = subprocess.run(
            [ROOT / "examples" / "demo" / "api.sh"],
            env={**os.environ, "LANG": "C.UTF-8", "ECLUSA_BIN": Eclusa(conninfo).binary, "ECLUSA_DEMO_DB": conninfo},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        said = played.stdout + played.stderr
        assert played.returncode == 0, said
        states = re.findall(r"^  state +(\w+)$", played.stdout, re.MULTILINE)
        assert states[1:] == ["SUCCEEDED_WITH_FAILURES", "SUCCEEDED", "SUCCEEDED_WITH_FAILURES"], said
        assert re.findall(r"^  open_failures +(\d+)$", played.stdout, re.MULTILINE)[-1] == "0"
        # Each call is shown before it is made, and none shows the token.
        assert len(re.findall(r"^\$ curl ", played.stdout, re.MULTILINE)) == 10, said
        assert "ecl_" not in said
        with database.connect(conninfo) as connection:
            query = "SELECT count(*) FROM demo.fornecedores"
            assert database.text_rows(connection, query)[0][0] == "2000"
