"""The catalogue of codes against the code that uses it: nothing unused, nothing unknown, in order."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CATALOGUE = ROOT / "src" / "model" / "catalogue.inc"

ENTRY = re.compile(r'^ECLUSA_CODE\((\w+),\s*"([^"]+)"', re.MULTILINE)
CONSTANT = re.compile(r"\bcode::(\w+)")
# A code spelled out: the only place where an unknown one would compile.
SPELLED = re.compile(r'Error\s*[({]\s*ErrorKind::\w+,\s*"([a-z_.]+)"')


def entries():
    return ENTRY.findall(CATALOGUE.read_text())


def product_sources():
    for path in (ROOT / "src").glob("*/**/*"):
        tests = path.stem.endswith("_test") or "fixture" in path.stem
        if path.suffix in (".cc", ".h", ".sql") and not tests:
            yield path, path.read_text()


def test_the_catalogue_is_read():
    assert ("row_columns", "row.columns") in entries()


def test_each_identifier_is_its_code():
    for identifier, code in entries():
        assert identifier == code.replace(".", "_"), code


def test_codes_are_sorted_within_each_section():
    for section in re.split(r"^// ---", CATALOGUE.read_text(), flags=re.MULTILINE):
        codes = [code for _, code in ENTRY.findall(section)]
        assert codes == sorted(codes), section.splitlines()[0]


def test_each_code_is_used():
    text = "".join(text for _, text in product_sources())
    constants = set(CONSTANT.findall(text))
    unused = [
        code
        for identifier, code in entries()
        if identifier not in constants and f'"{code}"' not in text and f"'{code}'" not in text
    ]
    assert unused == []


def test_each_code_that_is_spelled_out_is_known():
    known = {code for _, code in entries()}
    unknown = [
        (path.name, code)
        for path, text in product_sources()
        for code in SPELLED.findall(text)
        if code not in known
    ]
    assert unknown == []
