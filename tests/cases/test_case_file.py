"""The format of .case files itself: a case that is misread would test nothing."""

from __future__ import annotations

import pathlib

import pytest

from tests.cases import case_file

CASE = """\
# a remark

case One thing

setup
  CREATE TABLE t (id int);

  -- after a blank line
file a.csv line_end=crlf bom
  id
  1

run load a.csv --to t
exit 3
outcomes read=2 failed=1
failed
  2  type.integer (id) -> 7 + value.required
table SELECT 1, NULL
  1 | null
"""


def sections() -> dict[str, case_file.Section]:
    (case,) = case_file.parse(CASE, "x.case")
    return {section.word: section for section in case.sections}


def test_a_block_keeps_its_blank_lines_but_not_those_at_its_end() -> None:
    assert sections()["setup"].text == "CREATE TABLE t (id int);\n\n-- after a blank line\n"
    assert sections()["file"].block == ("id", "1")


def test_options_decide_the_bytes_of_a_file() -> None:
    assert case_file.file_bytes(sections()["file"]) == b"\xef\xbb\xbfid\r\n1\r\n"


def test_a_failed_row_may_have_several_reasons() -> None:
    (failure,) = case_file.expected_failures(sections()["failed"])
    assert failure.row == 2
    assert [(r.code, r.column, r.names_row) for r in failure.reasons] == [
        ("type.integer", "id", 7),
        ("value.required", None, None),
    ]


def test_cells_stand_between_bars() -> None:
    assert case_file.table_rows(sections()["table"].block) == [("1", "null")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("case A\nrun load\nnonsense\n", "unknown section 'nonsense'"),
        ("case A\nexit 3\nrun load\n", "'exit' before any run"),
        ("case A\nsetup\n  SELECT 1\n", "without a run"),
        ("case A\nrun load\n  indented\n", "'run' takes no indented lines"),
        ("case A\nrun load\nfailed\n", "'failed' needs indented lines"),
        ("stray\n", "expected a line 'case"),
        ("case A\nrun load\ncase a\nrun load\n", "two cases"),
    ],
)
def test_a_file_that_breaks_the_format_is_refused(text: str, says: str) -> None:
    with pytest.raises(case_file.CaseError, match=says):
        case_file.parse(text, "x.case")


def test_every_case_of_this_folder_can_be_read() -> None:
    for case in case_file.read_folder(pathlib.Path(__file__).parent):
        for section in case.sections:
            if section.word == "failed":
                assert case_file.expected_failures(section)
            if section.word == "outcomes":
                assert case_file.expected_outcomes(section)
