"""Reads .case files: text in, a list of cases out. The format is described in README.md."""

from __future__ import annotations

import dataclasses
import pathlib
import re
from collections.abc import Iterator

BLOCK_INDENT = "  "

# Section -> whether lines follow it (True: must, False: must not, None: may).
SECTIONS: dict[str, bool | None] = {
    "setup": True,
    "sql": True,
    "file": None,
    "parquet": True,
    "avro": True,
    "user": False,
    "run": False,
    "exit": False,
    "state": False,
    "outcomes": False,
    "tables": False,
    "warnings": False,
    "failed": True,
    "says": True,
    "silent": True,
    "stdout": None,
    "table": None,
    "unwritten": False,
}
# Sections that speak of the run before them.
EXPECTATIONS = (
    "exit",
    "state",
    "outcomes",
    "tables",
    "warnings",
    "failed",
    "says",
    "silent",
    "stdout",
    "unwritten",
)
FILE_OPTIONS = ("encoding", "line_end", "bom", "gzip", "escapes", "no_final_newline")


class CaseError(Exception):
    """A .case file that breaks the format; says where."""


@dataclasses.dataclass(frozen=True)
class Section:
    word: str
    argument: str
    block: tuple[str, ...]
    line: int

    @property
    def text(self) -> str:
        return "".join(line + "\n" for line in self.block)


@dataclasses.dataclass(frozen=True)
class Case:
    file: str
    title: str
    sections: tuple[Section, ...]

    @property
    def slug(self) -> str:
        return re.sub(r"[^a-z0-9]+", "_", self.title.lower()).strip("_")


@dataclasses.dataclass(frozen=True)
class ExpectedReason:
    code: str
    column: str | None  # None: any
    names_row: int | None  # the row that its message must name


@dataclasses.dataclass(frozen=True)
class ExpectedFailure:
    file: str | None  # None: the only one
    row: int
    reasons: tuple[ExpectedReason, ...]


def read_folder(folder: pathlib.Path) -> Iterator[Case]:
    for path in sorted(folder.glob("*.case")):
        yield from parse(path.read_text(encoding="utf-8"), path.name)


def parse(text: str, file: str) -> list[Case]:
    cases: list[Case] = []
    for title, number, lines in _split_cases(text, file):
        sections = tuple(_sections(lines, file))
        if not any(section.word == "run" for section in sections):
            raise CaseError(f"{file}:{number}: case without a run: {title}")
        cases.append(Case(file, title, sections))
    slugs = [case.slug for case in cases]
    for case in cases:
        if slugs.count(case.slug) > 1:
            raise CaseError(f"{file}: two cases are called: {case.title}")
    return cases


def _split_cases(text: str, file: str) -> Iterator[tuple[str, int, list[tuple[int, str]]]]:
    title, start, lines = "", 0, list[tuple[int, str]]()
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("case "):
            if title:
                yield title, start, lines
            title, start, lines = line[len("case ") :].strip(), number, []
        elif title:
            lines.append((number, line))
        elif line.strip() and not line.startswith("#"):
            raise CaseError(f"{file}:{number}: expected a line 'case WHAT IT SHOWS'")
    if title:
        yield title, start, lines


def _sections(lines: list[tuple[int, str]], file: str) -> Iterator[Section]:
    header: tuple[int, str] | None = None
    block: list[str] = []
    has_run = False
    for number, line in [*lines, (0, "end")]:
        if line.startswith(BLOCK_INDENT) or not line.strip():
            if header is None and line.strip():
                raise CaseError(f"{file}:{number}: an indented line belongs to no section")
            block.append(line.removeprefix(BLOCK_INDENT))
            continue
        if line.startswith("#"):
            continue
        if header is not None:
            section = _section(header, block, file)
            has_run = has_run or section.word == "run"
            if section.word in EXPECTATIONS and not has_run:
                raise CaseError(f"{file}:{section.line}: '{section.word}' before any run")
            yield section
        header, block = (number, line), []


def _section(header: tuple[int, str], block: list[str], file: str) -> Section:
    number, line = header
    word, _, argument = line.partition(" ")
    if word not in SECTIONS:
        raise CaseError(f"{file}:{number}: unknown section '{word}'; known: {', '.join(SECTIONS)}")
    while block and not block[-1].strip():
        block.pop()
    wanted = SECTIONS[word]
    if wanted is True and not block:
        raise CaseError(f"{file}:{number}: '{word}' needs indented lines")
    if wanted is False and block:
        raise CaseError(f"{file}:{number}: '{word}' takes no indented lines")
    return Section(word, argument.strip(), tuple(block), number)


def file_options(section: Section) -> tuple[str, dict[str, str]]:
    """`file NAME option option=value`: the name and the options."""
    name, *words = section.argument.split()
    options = {}
    for word in words:
        option, _, value = word.partition("=")
        if option not in FILE_OPTIONS:
            raise CaseError(f"line {section.line}: unknown option '{option}'")
        options[option] = value
    return name, options


def file_bytes(section: Section) -> bytes:
    """What `file` writes, before compression."""
    _, options = file_options(section)
    text = section.text
    if "no_final_newline" in options:
        text = text.removesuffix("\n")
    if "escapes" in options:
        text = re.sub(r"\\x([0-9a-fA-F]{2})", lambda found: chr(int(found[1], 16)), text)
        text = text.replace("\\t", "\t").replace("\\r", "\r")
    if options.get("line_end") == "crlf":
        text = text.replace("\n", "\r\n")
    data = text.encode(options.get("encoding", "utf-8"))
    return b"\xef\xbb\xbf" + data if "bom" in options else data


def expected_tables(section: Section) -> dict[str, dict[str, int]]:
    """`contacts: read=3 inserted=3; contacts.emails: read=1 failed=1`, by the list's path."""
    tables: dict[str, dict[str, int]] = {}
    for part in section.argument.split(";"):
        path, _, counts = part.partition(":")
        tables[path.strip()] = {
            name: int(count) for name, _, count in (word.partition("=") for word in counts.split())
        }
    return tables


def expected_outcomes(section: Section) -> dict[str, int]:
    counts = {}
    for word in section.argument.split():
        name, equals, number = word.partition("=")
        if not equals or not number.isdigit():
            raise CaseError(f"line {section.line}: expected 'name=number', not '{word}'")
        counts[name] = int(number)
    return counts


_FAILED = re.compile(r"(?:(?P<file>\S+):)?(?P<row>\d+)\s+(?P<reasons>\S.*)")
_REASON = re.compile(r"(?P<code>[\w.]+)(?:\s+\((?P<column>[^)]*)\))?(?:\s+->\s*(?P<other>\d+))?")


def expected_failures(section: Section) -> list[ExpectedFailure]:
    """Lines `[file:]row  code (column) -> other row + code ...`."""
    failures = []
    for line in section.block:
        found = _FAILED.fullmatch(line.strip())
        if found is None:
            raise CaseError(f"line {section.line}: expected 'ROW CODE (COLUMN)', not '{line}'")
        reasons = []
        for part in found["reasons"].split(" + "):
            reason = _REASON.fullmatch(part.strip())
            if reason is None:
                raise CaseError(f"line {section.line}: not a reason: '{part}'")
            other = int(reason["other"]) if reason["other"] else None
            reasons.append(ExpectedReason(reason["code"], reason["column"], other))
        failures.append(ExpectedFailure(found["file"], int(found["row"]), tuple(reasons)))
    return failures


def table_rows(block: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Lines of cells between bars; a cell is what psql would show, null for a null."""
    return [tuple(cell.strip() for cell in line.split("|")) for line in block if line.strip()]
