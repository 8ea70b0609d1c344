"""Runs a scenario with eclusa and compares everything that can be seen with the model.

Compared: exit code, counts of outcomes, the codes of each failed row, the target's rows to the last
digit, a dry run before it, and a second run after it, of which the rows' versions and triggers say
whether anything was written. And no good row is lost: a row that failed by its own fault fails alone too.
"""

from __future__ import annotations

import collections
import dataclasses
import pathlib
import tempfile
from collections.abc import Iterator

import psycopg

from tests import database, product
from tests.model import generate, model, tables, write_files
from tests.model.generate import Scenario
from tests.model.model import File, Place, Result, State

# Of the failed rows of a scenario, so many are handed in alone.
ALONE_MAX = 2

WATCH = """
CREATE TABLE fired (what text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN INSERT INTO fired VALUES (TG_OP || ' ' || TG_LEVEL); RETURN NULL; END $$;
CREATE TRIGGER watch_rows AFTER INSERT OR UPDATE OR DELETE ON t
  FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER watch_statements AFTER INSERT OR UPDATE OR DELETE ON t
  FOR EACH STATEMENT EXECUTE FUNCTION note();
"""


class Difference(AssertionError):
    """What eclusa did and what the model says; `step` names the run."""


@dataclasses.dataclass
class Comparison:
    scenario: Scenario
    expected: Result
    # What the run was good for, by name: counted over all seeds.
    events: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)


class Comparer:
    def __init__(self, eclusa: product.Eclusa, connection: psycopg.Connection) -> None:
        self._eclusa = eclusa
        self._connection = connection

    def compare(self, scenario: Scenario) -> Comparison:
        expected = model.run(scenario.table, scenario.state, scenario.load)
        comparison = Comparison(scenario, expected, collections.Counter(seen_in(expected)))
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            self._make(scenario)
            write_files.write(scenario, folder)
            if scenario.seed % 5 == 0:
                self._run("dry run", scenario, folder, expected, dry=True)
                self._compare_rows("dry run", list(scenario.state.rows))
                comparison.events["a dry run"] += 1
            self._run("first run", scenario, folder, expected)
            self._compare_rows("first run", expected.rows)
            if scenario.load.mode in ("upsert", "delete", "replace") and not expected.refused:
                self._second_run(comparison, folder)
        self._alone(comparison)
        return comparison

    def _make(self, scenario: Scenario) -> None:
        database.reset(self._connection)
        for statement in scenario.setup():
            database.execute(self._connection, statement)

    def _run(
        self,
        step: str,
        scenario: Scenario,
        folder: pathlib.Path,
        expected: Result,
        *,
        dry: bool = False,
    ) -> None:
        arguments = scenario.arguments() + (["--dry-run"] if dry else [])
        run = self._eclusa.load(arguments, folder=folder)
        if run.exit != expected.exit:
            raise Difference(f"{step}: expected exit {expected.exit}\n{run.describe()}")
        report = run.report()
        counts = {name: expected.counts().get(name, 0) for name in report.outcomes()}
        found = self._codes(scenario, report)
        if found != expected.codes or report.outcomes() != counts:
            raise Difference(
                f"{step}:\n{_show_codes(found, expected)}\noutcomes expected {counts}\n"
                f"outcomes found    {report.outcomes()}\n{run.describe()}"
            )
        if not report.balances():
            raise Difference(f"{step}: the outcomes do not add up\n{run.describe()}")
        left = database.leftovers(self._connection)
        if left:
            raise Difference(f"{step}: left over in the stage's schema: {left}")

    def _codes(self, scenario: Scenario, report: product.Report) -> dict[Place, frozenset[str]]:
        numbers = {file.name: number for number, file in enumerate(scenario.load.files)}
        return {
            (numbers[pathlib.PurePath(row.file).name], row.row): row.codes
            for row in self._eclusa.failures(report.job_id)
        }

    def _compare_rows(self, step: str, expected: list[tables.Row]) -> None:
        cursor = database.execute(self._connection, "SELECT * FROM t")
        names = [column.name for column in cursor.description or ()]
        found = sorted(tuple(map(tables.image, row)) for row in cursor.fetchall())
        wanted = sorted(tuple(tables.image(row[name]) for name in names) for row in expected)
        if found != wanted:
            lines = [f"{step}: the target differs ({', '.join(names)})"]
            lines += [f"  only expected: {_values(row)}" for row in wanted if row not in found]
            lines += [f"  only found:    {_values(row)}" for row in found if row not in wanted]
            raise Difference("\n".join(lines))

    def _second_run(self, comparison: Comparison, folder: pathlib.Path) -> None:
        """The same file again: a new job that changes nothing, where nothing is left to do."""
        scenario, first = comparison.scenario, comparison.expected
        state = dataclasses.replace(scenario.state, rows=tuple(first.rows))
        again = model.run(scenario.table, state, scenario.load)
        changes = set(again.counts()) & {"inserted", "updated", "deleted"} or again.removed
        if changes:
            # A row that wanted what another one gave up finds it free the second time.
            comparison.events["a second run that goes on"] += 1
        watched = scenario.seed % 2 == 0
        if watched:
            database.execute(self._connection, WATCH)
        before = database.row_versions(self._connection, "t")
        self._run("second run", scenario, folder, again)
        self._compare_rows("second run", again.rows)
        if changes:
            return
        comparison.events["a second run that changes nothing"] += 1
        if database.row_versions(self._connection, "t") != before:
            raise Difference("second run: rows were written")
        if watched:
            fired = database.text_rows(self._connection, "SELECT what FROM fired")
            if fired:
                raise Difference(f"second run: triggers fired: {fired}")

    def _alone(self, comparison: Comparison) -> None:
        for scenario, expected in rows_alone(comparison):
            with tempfile.TemporaryDirectory() as name:
                folder = pathlib.Path(name)
                self._make(scenario)
                write_files.write(scenario, folder)
                self._run("alone", scenario, folder, expected)
            comparison.events["a row failed alone too"] += 1


def rows_alone(comparison: Comparison) -> Iterator[tuple[Scenario, Result]]:
    """Failed rows that fail without the others too, each as a scenario of its own."""
    scenario, found = comparison.scenario, 0
    if scenario.load.mode == "replace":
        return
    for (number, row), codes in comparison.expected.codes.items():
        file = scenario.load.files[number]
        single = File(file.name, file.columns, (file.rows[row - 1],))
        load = dataclasses.replace(scenario.load, files=(single,))
        alone = model.run(scenario.table, scenario.state, load)
        if alone.codes.get((0, 1)) == codes and found < ALONE_MAX:
            found += 1
            yield dataclasses.replace(scenario, load=load), alone


def seen_in(result: Result) -> Iterator[str]:
    """What a scenario is good for: codes, outcomes, cascades, and ways that are seldom gone."""
    for codes in set(result.codes.values()):
        yield from (f"code {code}" for code in codes)
        if len(codes) > 1:
            yield "a row with several reasons"
    yield from (f"outcome {outcome}" for outcome in set(result.outcomes.values()))
    yield from set(result.events)
    if result.rounds >= 2:
        yield "a cascade of 2 rounds or more"
    if result.rounds >= 3:
        yield "a cascade of 3 rounds or more"
    if result.removed:
        yield "a row removed by replace"
    if result.refused:
        yield "refused by the tolerance"


# What a run of the property test must have met. What only eclusa knows of (the judge going again, a
# bisection) shows in what it does with `a trigger raised`, `a check that is not immutable failed` and
# `an index raised`, for there is no other way to these verdicts.
MUST_OCCUR = (
    *(
        f"code {code}"
        for code in (
            "check.partition",
            "check.violated",
            "database.rejected",
            "database.suppressed",
            "key.missing",
            "key.not_found",
            "key.other_owner",
            "number.overflow",
            "number.scale",
            "operation.unknown",
            "reference.in_use",
            "reference.missing",
            "row.columns",
            "type.boolean",
            "type.date",
            "type.decimal",
            "type.integer",
            "type.uuid",
            "unique.in_file",
            "unique.in_target",
            "unique.swap",
            "value.outside_filter",
            "value.required",
            "value.too_long",
            "version.missing",
        )
    ),
    *(
        f"outcome {outcome}"
        for outcome in product.OUTCOMES
        if outcome != "waiting"  # comes with contracts that park rows
    ),
    "a cascade of 2 rounds or more",
    "a cascade of 3 rounds or more",
    "a check raised",
    "a check that is not immutable failed",
    "a deferrable constraint let a value change hands",
    "a delete freed a value",
    "a delete lost to a row of another table",
    "a delete lost to a row of the load",
    "a delete lost to a row that stays",
    "a delete of what another row of the load lets go",
    "a loser moved up",
    "a partial index left a row out",
    "a removal freed a value",
    "a row removed by replace",
    "a row with several reasons",
    "a trigger raised",
    "a trigger swallowed a row",
    "an index raised",
    "an update gave up a value that is referred to",
    "nulls were not distinct",
    "refused by the tolerance",
)

# Seeds are searched so far for what the first ones have not met.
SEARCH_SEEDS = 5000


def choose_seeds(count: int) -> list[int]:
    """The first `count` seeds, and the first seed for everything else that must occur."""
    missing = set(MUST_OCCUR)
    chosen = []
    for seed in range(max(count, SEARCH_SEEDS)):
        if seed >= count and not missing:
            break
        scenario = generate.scenario(seed)
        seen = set(seen_in(model.run(scenario.table, scenario.state, scenario.load)))
        if seed < count or seen & missing:
            chosen.append(seed)
            missing -= seen
    return chosen


def describe(scenario: Scenario) -> str:
    """A scenario as SQL, files and a command line, with the model's verdicts."""
    result = model.run(scenario.table, scenario.state, scenario.load)
    lines = [f"seed {scenario.seed}, {scenario.kind}", *scenario.setup()]
    for number, file in enumerate(scenario.load.files):
        lines += ["", f"{file.name}: {', '.join(file.columns)}"]
        for index, row in enumerate(file.rows, start=1):
            cells = "(one field too many)" if row is None else _cells(row)
            place = (number, index)
            codes = " ".join(sorted(result.codes.get(place, ())))
            lines.append(f"  {index}: {cells}    {result.outcomes[place]} {codes}")
    lines += ["", "eclusa load " + " ".join(scenario.arguments())]
    lines.append(f"expected exit {result.exit}, {dict(result.counts())}, {result.rounds} rounds")
    return "\n".join(lines)


def shrink(comparer: Comparer, scenario: Scenario) -> Scenario:
    """Takes rows away from files and target while the difference stays; any difference will do."""

    def differs(candidate: Scenario) -> bool:
        try:
            comparer.compare(candidate)
        except (AssertionError, psycopg.Error):
            return True
        return False

    smaller = True
    while smaller:
        smaller = False
        for candidate in _one_row_less(scenario):
            if differs(candidate):
                scenario, smaller = candidate, True
                break
    return scenario


def _one_row_less(scenario: Scenario) -> Iterator[Scenario]:
    load, state = scenario.load, scenario.state
    for number, file in enumerate(load.files):
        for index in range(len(file.rows)):
            rows = file.rows[:index] + file.rows[index + 1 :]
            files = list(load.files)
            files[number] = dataclasses.replace(file, rows=rows)
            kept = dataclasses.replace(load, files=tuple(f for f in files if f.rows))
            if kept.files:
                yield dataclasses.replace(scenario, load=kept)
    for index in range(len(state.rows)):
        rows_left = state.rows[:index] + state.rows[index + 1 :]
        if _stands(scenario, dataclasses.replace(state, rows=rows_left)):
            yield dataclasses.replace(scenario, state=dataclasses.replace(state, rows=rows_left))
    for index in range(len(state.children)):
        children = state.children[:index] + state.children[index + 1 :]
        yield dataclasses.replace(scenario, state=dataclasses.replace(state, children=children))


def _stands(scenario: Scenario, state: State) -> bool:
    """Whether nobody refers to what is gone."""
    references = [
        (row, state.rows, r) for r in scenario.table.self_references for row in state.rows
    ]
    references += [(row, state.rows, r) for r in scenario.table.incoming for row in state.children]
    for row, parents, reference in references:
        wanted = tables.values_of(row, reference.columns)
        held = [tables.values_of(parent, reference.parent_columns) for parent in parents]
        if None not in wanted and wanted not in held:
            return False
    return True


def _show_codes(found: dict[Place, frozenset[str]], expected: Result) -> str:
    lines = []
    for place in sorted(set(found) | set(expected.codes)):
        mine, theirs = expected.codes.get(place, frozenset()), found.get(place, frozenset())
        if mine != theirs:
            lines.append(f"  row {place}: expected {sorted(mine)}, found {sorted(theirs)}")
    return "\n".join(lines)


def _cells(row: tuple[model.Cell, ...]) -> str:
    return " | ".join("null" if cell is None else repr(cell) for cell in row)


def _values(row: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(text for _, text in row)
