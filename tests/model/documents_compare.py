"""Runs a scenario of documents with eclusa and compares everything that can be seen with the model.

Compared: exit code, outcomes of every table, the codes of each failed document with their paths, the
targets' rows to the last digit, a dry run, a second run and whether it wrote anything, failed documents
alone, failed documents handed in again, and whether repaired ones close the failures.
"""

from __future__ import annotations

import collections
import dataclasses
import json
import pathlib
import random
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import psycopg

from tests import database, product
from tests.model import documents_files, documents_generate, documents_model, tables
from tests.model.compare import Difference
from tests.model.documents_generate import DocumentScenario
from tests.model.documents_model import (
    DocumentFile,
    DocumentLoad,
    DocumentPlace,
    DocumentResult,
    Item,
)
from tests.model.documents_tables import DocumentState, Schema
from tests.model.model import Cell

# Of the failed documents of a scenario, so many are handed in alone: many scenarios have some.
ALONE_MAX = 1
# Repaired documents are guessed until the model lets one in.
REPAIRS_TRIED = 60

Codes = dict[DocumentPlace, frozenset[tuple[str, str]]]


@dataclasses.dataclass
class Comparison:
    scenario: DocumentScenario
    expected: DocumentResult
    events: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)


class Comparer:
    def __init__(self, eclusa: product.Eclusa, connection: psycopg.Connection) -> None:
        self._eclusa = eclusa
        self._connection = connection

    def compare(self, scenario: DocumentScenario) -> Comparison:
        expected = documents_model.run(scenario.schema, scenario.state, scenario.load)
        comparison = Comparison(scenario, expected, collections.Counter(seen_in(expected)))
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            self._make(scenario)
            documents_files.write(scenario, folder)
            if scenario.seed % 5 == 0:
                self._run("dry run", scenario, folder, expected, dry=True)
                self._compare_rows("dry run", scenario.schema, scenario.state.rows)
                comparison.events["a dry run"] += 1
            report = self._run("first run", scenario, folder, expected)
            self._compare_rows("first run", scenario.schema, expected.rows)
            if expected.codes and not expected.refused and scenario.seed % 2 == 0:
                self._resubmit(comparison, folder, report.job_id)
            elif scenario.load.mode in ("upsert", "delete", "replace") and not expected.refused:
                self._second_run(comparison, folder)
        self._alone(comparison)
        return comparison

    def _make(self, scenario: DocumentScenario) -> None:
        database.reset(self._connection)
        for statement in scenario.setup():
            database.execute(self._connection, statement)

    def _run(
        self,
        step: str,
        scenario: DocumentScenario,
        folder: pathlib.Path,
        expected: DocumentResult,
        *,
        dry: bool = False,
    ) -> product.Report:
        arguments = scenario.arguments() + (["--dry-run"] if dry else [])
        run = self._eclusa.load(arguments, folder=folder)
        report = self._compare_report(step, scenario.schema, run, expected)
        numbers = {file.name: number for number, file in enumerate(scenario.load.files)}
        found = self._codes(report, lambda file: numbers[pathlib.PurePath(file).name])
        self._compare_codes(step, found, expected.codes, run)
        return report

    def _compare_report(
        self, step: str, schema: Schema, run: product.Run, expected: DocumentResult
    ) -> product.Report:
        if run.exit != expected.exit:
            raise Difference(f"{step}: expected exit {expected.exit}\n{run.describe()}")
        report = run.report()
        found = {"": {k: n for k, n in report.document["outcomes"].items() if n}}
        found.update({k: n for k, n in report.tables().items() if n})
        wanted = {schema.path(node): n for node, n in enumerate(expected.outcomes) if n or not node}
        if found != wanted:
            lines = [
                f"  {name or 'documents'}: expected {wanted.get(name)}, found {found.get(name)}"
                for name in sorted({*found, *wanted})
                if found.get(name) != wanted.get(name)
            ]
            codes = _show_codes(
                self._codes(report, lambda file: file), dict(expected.codes), all_of_them=True
            )
            raise Difference(
                f"{step}: outcomes\n" + "\n".join(lines) + f"\n{codes}\n{run.describe()}"
            )
        for name, counts in found.items():
            if counts.get("read", 0) != sum(counts.get(o, 0) for o in product.OUTCOMES):
                raise Difference(f"{step}: the outcomes of {name} do not add up\n{run.describe()}")
        left = database.leftovers(self._connection)
        if left:
            raise Difference(f"{step}: left over in the stage's schema: {left}")
        return report

    def _codes(self, report: product.Report, number: Callable[[str], Any]) -> dict[Any, Any]:
        return {
            (number(row.file), row.row): frozenset((r.path, r.code) for r in row.reasons)
            for row in self._eclusa.failures(report.job_id)
        }

    def _compare_codes(
        self, step: str, found: Codes, expected: Mapping[Any, Any], run: product.Run
    ) -> None:
        if found != expected:
            raise Difference(f"{step}:\n{_show_codes(found, dict(expected))}\n{run.describe()}")

    def _compare_rows(
        self, step: str, schema: Schema, expected: Sequence[Sequence[tables.Row]]
    ) -> None:
        lines = []
        for node, rows in zip(schema.nodes, expected, strict=True):
            cursor = database.execute(self._connection, f"SELECT * FROM {node.name}")
            names = [column.name for column in cursor.description or ()]
            found = sorted(tuple(map(tables.image, row)) for row in cursor.fetchall())
            wanted = sorted(tuple(tables.image(row[name]) for name in names) for row in rows)
            if found == wanted:
                continue
            lines.append(f"{step}: the target {node.name} differs ({', '.join(names)})")
            lines += [f"  only expected: {_values(row)}" for row in wanted if row not in found]
            lines += [f"  only found:    {_values(row)}" for row in found if row not in wanted]
        if lines:
            raise Difference("\n".join(lines))

    # --- again ---

    def _second_run(self, comparison: Comparison, folder: pathlib.Path) -> None:
        """The same files again: a new job that changes nothing, where nothing is left to do."""
        scenario, first = comparison.scenario, comparison.expected
        state = _after(scenario.state, first)
        again = documents_model.run(scenario.schema, state, scenario.load)
        changes = any(
            set(counts) & {"inserted", "updated", "deleted", "removed", "cascaded"}
            for counts in again.outcomes
        )
        before = self._versions(scenario.schema)
        self._run("second run", scenario, folder, again)
        self._compare_rows("second run", scenario.schema, again.rows)
        if changes:
            comparison.events["a second run that goes on"] += 1
            return
        comparison.events["a second run that changes nothing"] += 1
        if self._versions(scenario.schema) != before:
            raise Difference("second run: rows were written")

    def _versions(self, schema: Schema) -> list[Any]:
        return [database.row_versions(self._connection, node.name) for node in schema.nodes]

    def _alone(self, comparison: Comparison) -> None:
        for scenario, expected in documents_alone(comparison):
            with tempfile.TemporaryDirectory() as name:
                folder = pathlib.Path(name)
                self._make(scenario)
                documents_files.write(scenario, folder)
                self._run("alone", scenario, folder, expected)
            comparison.events["a document failed alone too"] += 1

    # --- the loop of failures ---

    def _resubmit(self, comparison: Comparison, folder: pathlib.Path, job: int) -> None:
        """Failed documents come back as they were, and go in again; then repaired ones do."""
        scenario, schema = comparison.scenario, comparison.scenario.schema
        load = scenario.load
        if load.max_failures is not None:
            return
        output = folder / "failed"
        output.mkdir()
        numbers = {file.name: number for number, file in enumerate(load.files)}
        mode = "upsert" if load.mode == "replace" else load.mode
        state = _after(scenario.state, comparison.expected)
        came_back, still = [], []
        for path in self._eclusa.export_failures(job, output):
            lines = path.read_text(encoding="utf-8").splitlines()
            read = [json.loads(line, parse_int=str, parse_float=str) for line in lines]
            places = [
                (numbers[pathlib.PurePath(d["_eclusa_file"]).name], int(d["_eclusa_row"]))
                for d in read
            ]
            items = [_item(schema, 0, document) for document in read]
            self._compare_export(scenario, places, items)
            came_back += places
            file = DocumentFile(path.name, tuple(item for item in items if item is not None))
            again_load = dataclasses.replace(load, mode=mode, files=(file,))
            again = documents_model.run(schema, state, again_load)
            run = self._eclusa.run(["resubmit", str(job), str(path), "--json"])
            report = self._compare_report("resubmission", schema, run, again)
            found = self._codes(report, lambda _: 0)
            self._compare_codes("resubmission", found, again.codes, run)
            self._compare_rows("resubmission", schema, again.rows)
            state = _after(state, again)
            still += [places[row - 1] for _, row in again.codes]
        if sorted(came_back) != sorted(comparison.expected.codes):
            raise Difference(f"export: {sorted(came_back)} came back")
        comparison.events["failed documents handed in again"] += 1
        self._compare_open("resubmission", job, len(still))
        if still:
            again_load = dataclasses.replace(load, mode=mode)
            self._repair(comparison, folder, job, still, state, again_load)

    def _compare_export(
        self, scenario: DocumentScenario, places: list[DocumentPlace], items: Sequence[Item | None]
    ) -> None:
        for (number, row), item in zip(places, items, strict=True):
            file = scenario.load.files[number]
            sent = file.documents[row - 1]
            wanted = _plain(scenario.schema, sent, parquet=file.columns is not None)
            found = _plain(scenario.schema, item, parquet=file.columns is not None)
            if wanted != found:
                raise Difference(f"export of {number}:{row}: sent {wanted}\ncame back {found}")

    def _compare_open(self, step: str, job: int, expected: int) -> None:
        rows = database.text_rows(
            self._connection, f"SELECT open_failures FROM eclusa.jobs WHERE id = {job}"
        )
        if rows != [(str(expected),)]:
            raise Difference(f"{step}: open failures {rows}, expected {expected}")

    def _repair(
        self,
        comparison: Comparison,
        folder: pathlib.Path,
        job: int,
        places: list[DocumentPlace],
        state: DocumentState,
        load: DocumentLoad,
    ) -> None:
        scenario = comparison.scenario
        repaired = _repaired(scenario, state, load, len(places))
        if repaired is None:
            return
        lines = [
            documents_files.json_text(
                scenario.schema,
                item,
                {"_eclusa_row": row, "_eclusa_file": scenario.load.files[number].name},
            )
            for (number, row), item in zip(places, repaired.files[0].documents, strict=True)
        ]
        path = folder / "repaired.ndjson"
        path.write_text("".join(line + "\n" for line in lines))
        expected = documents_model.run(scenario.schema, state, repaired)
        run = self._eclusa.run(["resubmit", str(job), str(path), "--json"])
        self._compare_report("repaired", scenario.schema, run, expected)
        self._compare_rows("repaired", scenario.schema, expected.rows)
        self._compare_open("repaired", job, 0)
        comparison.events["repaired documents closed the failures"] += 1


def _after(state: DocumentState, result: DocumentResult) -> DocumentState:
    return dataclasses.replace(state, rows=tuple(map(tuple, result.rows)))


def _item(schema: Schema, node: int, document: Mapping[str, Any] | None) -> Item | None:
    """An exported document as the model knows it."""
    if document is None:
        return None
    lists = {schema.nodes[child].list_name: child for child in schema.children(node)}
    return Item(
        {
            name: _cell(value)
            for name, value in document.items()
            if name not in lists and not name.startswith("_eclusa_")
        },
        {
            lists[name]: None if items is None else tuple(_item(schema, lists[name], i) for i in items)
            for name, items in document.items()
            if name in lists
        },
    )


def _cell(value: Any) -> Cell:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


def _plain(schema: Schema, item: Item | None, *, parquet: bool, node: int = 0) -> object:
    """What a document says: Parquet has no absent lists, and types where JSON has texts."""
    if item is None:
        return None
    cells: dict[str, object] = {}
    for name, cell in item.cells.items():
        cells[name] = cell
        if parquet and cell is not None and name != "op":
            kind = schema.nodes[node].table.column(name).type
            cells[name] = kind.parse(cell)
    lists = {
        child: None
        if items is None
        else [_plain(schema, below, parquet=parquet, node=child) for below in items]
        for child, items in item.lists.items()
        if items is not None or not parquet
    }
    return cells, lists


def _repaired(
    scenario: DocumentScenario, state: DocumentState, load: DocumentLoad, number: int
) -> DocumentLoad | None:
    """As many documents that the model lets in; None where they were not found."""
    generator = documents_generate.Repairs(scenario)
    items: list[Item] = []
    for _ in range(REPAIRS_TRIED):
        if len(items) == number:
            break
        file = DocumentFile("repaired.ndjson", (*items, generator.document(state)))
        result = documents_model.run(
            scenario.schema, state, dataclasses.replace(load, files=(file,))
        )
        if not result.codes:
            items = list(file.documents)
    if len(items) < number:
        return None
    return dataclasses.replace(load, files=(DocumentFile("repaired.ndjson", tuple(items)),))


def documents_alone(comparison: Comparison) -> Iterator[tuple[DocumentScenario, DocumentResult]]:
    """Failed documents that fail without the others too, each as a scenario of its own."""
    scenario, found = comparison.scenario, 0
    if scenario.load.mode == "replace":
        return
    for (number, row), codes in comparison.expected.codes.items():
        file = scenario.load.files[number]
        single = dataclasses.replace(file, documents=(file.documents[row - 1],))
        load = dataclasses.replace(scenario.load, files=(single,), max_failures=None)
        alone = documents_model.run(scenario.schema, scenario.state, load)
        if alone.codes.get((0, 1)) == codes and found < ALONE_MAX:
            found += 1
            yield dataclasses.replace(scenario, load=load), alone


def seen_in(result: DocumentResult) -> Iterator[str]:
    """What a scenario is good for: codes, outcomes, cascades, and ways that are seldom gone."""
    for found in set(result.codes.values()):
        for path, code in found:
            yield f"code {code}"
            if path:
                yield f"code {code} in a list"
        if len(found) > 1:
            yield "a document with several reasons"
        if len({path for path, _ in found}) > 1:
            yield "reasons at several places of a document"
        if any(path.count(".") for path, _ in found):
            yield "a reason at the third level"
    for node, counts in enumerate(result.outcomes):
        where = " of children" if node else ""
        yield from (f"outcome {outcome}{where}" for outcome in counts if outcome != "read")
    yield from (name for name, count in result.events.items() if count)
    if result.rounds >= 2:
        yield "a cascade of 2 rounds or more"
    if result.rounds >= 3:
        yield "a cascade of 3 rounds or more"
    if result.refused:
        yield "refused by the tolerance"


def _show_codes(found: Codes, expected: Codes, *, all_of_them: bool = False) -> str:
    lines = []
    if all_of_them:
        lines += [f"  expected {place}: {sorted(codes)}" for place, codes in expected.items()]
        lines += [f"  found {place}: {sorted(codes)}" for place, codes in found.items()]
        return "\n".join(lines)
    for place in sorted({*found, *expected}, key=str):
        mine, theirs = expected.get(place, frozenset()), found.get(place, frozenset())
        if mine != theirs:
            lines.append(f"  document {place}: expected {sorted(mine)}, found {sorted(theirs)}")
    return "\n".join(lines)


def _values(row: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(text for _, text in row)
