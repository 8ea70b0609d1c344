"""What a load says at a terminal and elsewhere: in the user's language, and with colours only where they are seen."""

from __future__ import annotations

import os
import pathlib
import pty
import re
import subprocess
from collections.abc import Sequence

import pytest

from tests.e2e.conftest import Bench
from tests.product import Run

TABLES = """
CREATE TABLE city (id int PRIMARY KEY);
INSERT INTO city VALUES (1);
CREATE TABLE t (
  id int PRIMARY KEY, qty int CONSTRAINT positive CHECK (qty > 0), day date, price numeric(6,2), ok boolean,
  tag varchar(3), code text UNIQUE, city int CONSTRAINT lives REFERENCES city, name text NOT NULL
);
"""
HEADER = "id,qty,day,price,ok,tag,code,city,name,zzz\n"
GOOD = [f"{n},1,2024-02-29,1.5,true,abc,k{n},1,n{n},z" for n in range(1, 41)]
# One of each kind that the report shows before it says how many more there are, and some more.
BAD = [
    "x,1,2024-02-29,1.5,true,abc,b1,1,n,z",
    "102,-1,2024-02-29,1.5,true,abc,b2,1,n,z",
    "103,1,2024-02-30,1.5,true,abc,b3,1,n,z",
    "104,1,2024-02-29,1e9,true,abc,b4,1,n,z",
    "105,1,2024-02-29,1.5,dunno,abc,b5,1,n,z",
    "106,1,2024-02-29,1.5,true,abcd,b6,1,n,z",
    "107,1,2024-02-29,1.5,true,abc,k1,1,n,z",
    "108,1,2024-02-29,1.5,true,abc,b8,2,n,z",
    "109,1,2024-02-29,1.5,true,abc,b9,1,,z",
    "110,1",
]
# The last of a key counts; what the bytes are is found out.
TEXT = HEADER + "\n".join([*GOOD, GOOD[0], *BAD, "111,1,2024-02-29,1.5,true,abc,b11,1,São,z"]) + "\n"
ENGLISH = {"LANG": "C.UTF-8", "LC_ALL": "", "LC_MESSAGES": ""}
# What the user wrote, or may have to write, is the same in every language; and words that are of both.
NAMES = set(HEADER.strip().split(",")) | {
    "eclusa", "job", "upsert", "public", "failures", "resubmit", "csv", "output", "t", "k", "s", "x", "e",
    "encoding", "windows", "lives", "positive", "dunno", "numeric", "key", "a", "as", "bytes",
}  # fmt: skip
PORTUGUESE = [
    (["--lang", "pt"], {}),
    (["--lang=pt"], {"LANG": "en_US.UTF-8"}),
    ([], {"LANG": "pt_BR.UTF-8"}),
    ([], {"LANG": "en_US.UTF-8", "LC_MESSAGES": "pt_PT.UTF-8"}),
    ([], {"LANG": "en_US.UTF-8", "LC_ALL": "pt_BR"}),
]


@pytest.fixture()
def path(bench: Bench) -> str:
    bench.run_sql(TABLES)
    path = bench.folder / "t.csv"
    path.write_bytes(TEXT.encode("windows-1252"))
    return str(path)


def load(bench: Bench, path: str, flags: Sequence[str] = (), **environment: str) -> Run:
    """Into the table as it was; the file's path is in no answer."""
    bench.run_sql("TRUNCATE t")
    arguments = ["load", pathlib.Path(path).name, "--to", "t", *flags]
    return bench.product.run(arguments, folder=bench.folder, environment={**ENGLISH, **environment})


def words(text: str) -> set[str]:
    without_codes = re.sub(r"\b[a-z_]+\.[a-z_]+\b", "", text)
    return set(re.findall(r"[^\W\d_]+", without_codes.lower()))


def steady(text: str) -> str:
    """Without the job's number and what the clock says."""
    text = re.sub(r"\b(job|failures|resubmit) \d+", r"\1 N", text)
    return re.sub(r"(rows read in|linhas lidas em) .*", r"\1", text)


@pytest.mark.parametrize(("flags", "environment"), PORTUGUESE)
def test_the_report_is_in_portuguese_alone(
    bench: Bench, path: str, flags: list[str], environment: dict[str, str]
) -> None:
    english = load(bench, path)
    assert english.exit == 3 and "loaded, with failures" in english.stdout, english.describe()
    portuguese = load(bench, path, flags, **environment)
    assert portuguese.exit == 3, portuguese.describe()
    for sentence in (
        "upsert: carregado, com falhas", "linhas lidas em", "11  com falha", "por que linhas falharam",
        "ex.: linha de dados 42, linha 43: id não é um número inteiro: x", "colunas não carregadas: zzz",
        "t.csv: lido como windows-1252, pelo que os bytes mostram", "2 outras causas", "próximo passo: grave as linhas",
    ):  # fmt: skip
        assert sentence in portuguese.stdout, portuguese.describe()
    shared = words(english.output) & words(portuguese.output)
    assert shared <= NAMES, f"{shared - NAMES}\n{portuguese.describe()}"
    assert len(english.stdout.splitlines()) == len(portuguese.stdout.splitlines())


@pytest.mark.parametrize(
    ("flags", "environment"),
    [
        (["--lang", "en"], {"LANG": "pt_BR.UTF-8"}),
        ([], {"LANG": "pt_BR.UTF-8", "LC_ALL": "C.UTF-8"}),
        ([], {"LANG": "de_DE.UTF-8"}),
        ([], {"LANG": ""}),
    ],
)
def test_else_it_is_in_english(bench: Bench, path: str, flags: list[str], environment: dict[str, str]) -> None:
    assert steady(load(bench, path, flags, **environment).stdout) == steady(load(bench, path).stdout)


def test_numbers_are_written_as_in_the_language(bench: Bench) -> None:
    bench.run_sql("CREATE TABLE t (id int PRIMARY KEY, name text NOT NULL)")
    path = bench.write("t.csv", "id,name\n" + "".join(f"{n},n\n" for n in range(12_345)))
    assert re.search(r"^12,345 rows read in \d+\.\d s", load(bench, path).stdout, re.MULTILINE)
    portuguese = load(bench, path, ["--lang", "pt"]).stdout
    assert re.search(r"^ +12\.345  inseridas ", portuguese, re.MULTILINE), portuguese
    assert re.search(r"^12\.345 linhas lidas em \d+,\d s", portuguese, re.MULTILINE), portuguese


def test_the_failed_rows_say_why_in_portuguese(bench: Bench, path: str) -> None:
    load(bench, path, ["--lang", "pt", "--failures", "pt.csv"])
    load(bench, path, ["--failures", "en.csv"])
    told = {name: (bench.folder / f"{name}.csv").read_bytes().decode("windows-1252") for name in ("pt", "en")}
    assert "id não é um número inteiro: x" in told["pt"] and "id is not a whole number: x" in told["en"]
    assert "whole number" not in told["pt"] and "refers to" not in told["pt"]


def test_an_error_is_in_portuguese_with_what_to_do(bench: Bench) -> None:
    bench.run_sql(TABLES)
    wrong = {"nowhere.csv": None, "empty.csv": "", "twice.csv": "id,id\n1,2\n", "no_key.csv": "name\na\n"}
    for name, text in wrong.items():
        path = str(bench.folder / name) if text is None else bench.write(name, text)
        english, portuguese = load(bench, path), load(bench, path, ["--lang", "pt"])
        assert (english.exit, portuguese.exit) == (1, 1)
        assert "  next: " in english.stderr and "  próximo passo: " in portuguese.stderr, portuguese.describe()
        shared = words(english.stderr) & words(portuguese.stderr)
        same = {"eclusa", "job", "id", "key", "no", "a"}
        assert shared <= same, f"{shared - same}\n{portuguese.describe()}"


def at_terminal(bench: Bench, path: str, *flags: str, errors_only: bool = False, **environment: str) -> tuple[str, str]:
    """What a load writes where a terminal is; and to a pipe, where standard output is one."""
    bench.run_sql("TRUNCATE t")
    master, slave = pty.openpty()
    kept = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    process = subprocess.Popen(
        [bench.product.binary, "load", path, "--to", "t", "--db", bench.conninfo, *flags],
        env={**kept, **ENGLISH, "TERM": "xterm-256color", **environment},
        stdin=slave,
        stdout=subprocess.PIPE if errors_only else slave,
        stderr=slave,
    )
    os.close(slave)
    shown = b""
    try:
        while more := os.read(master, 65536):
            shown += more
    except OSError:  # nobody has the other end any more
        pass
    os.close(master)
    piped, _ = process.communicate(timeout=60)
    return shown.decode(), (piped or b"").decode()


COLOUR = re.compile(r"\x1b\[[0-9;]*m")
CLEAR = "\r\x1b[K"  # the line of progress is written over


def test_elsewhere_it_writes_no_escape_codes(bench: Bench, path: str) -> None:
    for environment in ({"NO_COLOR": ""}, {"NO_COLOR": "1"}, {"NO_COLOR": "", "TERM": "xterm-256color", "COLORTERM": "1"}):
        run = load(bench, path, **environment)
        assert run.exit == 3 and "\x1b" not in run.output and "\r" not in run.output, run.describe()
    missing = load(bench, "nowhere.csv", NO_COLOR="")
    assert missing.exit == 1 and missing.stderr.startswith("eclusa: ") and "\x1b" not in missing.output


def test_a_terminal_shows_progress_and_colours(bench: Bench, path: str) -> None:
    shown, _ = at_terminal(bench, path)
    assert "\x1b[32m█" in shown and "\x1b[31m█" in shown, shown
    before, _, report = shown.rpartition(CLEAR)
    assert re.search(r"(reading|merging)  52 rows  [\d,]+/s", before), shown
    assert report.startswith("job ") and not re.search(r"reading|merging", report), shown  # gone when it has ended
    portuguese, _ = at_terminal(bench, path, "--lang", "pt")
    assert re.search(r"(lendo|gravando)  52 linhas  [\d.]+/s", portuguese), portuguese
    error, _ = at_terminal(bench, str(bench.folder / "nowhere.csv"))
    assert error.startswith("\x1b[31meclusa:\x1b[0m "), error


def test_no_color_turns_colours_off_at_a_terminal(bench: Bench, path: str) -> None:
    coloured, _ = at_terminal(bench, path)
    shown, _ = at_terminal(bench, path, NO_COLOR="1")
    assert COLOUR.search(coloured) and not COLOUR.search(shown), shown
    assert "█" in shown and CLEAR in shown
    error, _ = at_terminal(bench, str(bench.folder / "nowhere.csv"), NO_COLOR="1")
    assert error.startswith("eclusa: ") and "\x1b" not in error, error


def test_a_report_that_goes_into_a_file_is_plain_while_progress_is_shown(bench: Bench, path: str) -> None:
    shown, report = at_terminal(bench, path, errors_only=True)
    assert CLEAR in shown and "rows read in" not in shown
    assert "52 rows read in" in report and "\x1b" not in report and "\r" not in report
    shown, report = at_terminal(bench, path, "--json", errors_only=True)
    assert shown == "" and report.startswith("{")
