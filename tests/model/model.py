"""The rules of a load, as slowly and plainly as they can be written.

Every rule is evaluated over all rows in every round, with nested loops over lists: what eclusa does set
based, with plans, locks and short cuts, must come to the same. This file knows nothing of eclusa and
nothing of SQL. The rules are those of docs/load.md: rows fail by themselves first; then, in rounds,
winners are chosen, references are looked at, then uniqueness; all violations of one step fail
together, and verdicts are never withdrawn.
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Mapping, Sequence

from tests.model.tables import (
    BadText,
    Raised,
    Reference,
    Row,
    Table,
    Unique,
    Value,
    image,
    values_of,
)

Place = tuple[int, int]  # file, row; both in the order of the load
Key = tuple[Value, ...]
Cell = str | None

# A file's row with the wrong number of fields has no cells.
UNREADABLE = None


@dataclasses.dataclass(frozen=True)
class File:
    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...] | None, ...]


@dataclasses.dataclass(frozen=True)
class Load:
    mode: str
    files: tuple[File, ...]
    duplicates: str = "last"
    version_column: str = ""
    operation_column: str = ""
    strict: bool = False
    tenant: tuple[str, Value] | None = None
    filter: tuple[str, Value] | None = None  # column = value
    max_failures: int | None = None


@dataclasses.dataclass(frozen=True)
class State:
    """What the database holds."""

    rows: tuple[Row, ...]
    parents: Mapping[str, tuple[Row, ...]]  # other tables that ours refers to
    children: tuple[Row, ...] = ()  # rows of the table that refers to ours


@dataclasses.dataclass
class Result:
    outcomes: dict[Place, str]
    codes: dict[Place, frozenset[str]]
    rows: list[Row]
    removed: int
    refused: bool  # by the tolerance
    rounds: int  # in which something failed
    events: collections.Counter[str]

    def counts(self) -> dict[str, int]:
        counts = collections.Counter(self.outcomes.values())
        return {"read": len(self.outcomes), **counts}

    @property
    def exit(self) -> int:
        if self.refused:
            return 4
        return 3 if self.codes else 0


@dataclasses.dataclass(frozen=True)
class Staged:
    place: Place
    operation: str  # U, I, D
    key: Key
    values: Row  # of the columns that the file writes


@dataclasses.dataclass(frozen=True)
class Entry:
    """A row that the load would write: what the target would hold for it."""

    place: Place
    key: Key
    image: Row


def run(table: Table, state: State, load: Load) -> Result:
    return _Model(table, state, load).run()


class _Model:
    def __init__(self, table: Table, state: State, load: Load) -> None:
        self._table = table
        self._state = state
        self._load = load
        self._reasons: dict[Place, set[str]] = {}
        self._staged: list[Staged] = []
        self._events: collections.Counter[str] = collections.Counter()
        self._rounds = 0
        # Keys that the file names, those of failed rows too: what replace must not remove.
        self._named_keys: set[Key] = set()
        self._places: list[Place] = []
        self._match = table.key
        if load.tenant and load.tenant[0] not in self._match:
            self._match = (*self._match, load.tenant[0])

    def run(self) -> Result:
        for number, file in enumerate(self._load.files):
            for index, cells in enumerate(file.rows, start=1):
                self._places.append((number, index))
                self._check_row((number, index), file.columns, cells)
        self._judge_single_rows()
        self._judge_operations()
        while self._round() or self._merge():
            self._rounds += 1
        return self._apply()

    # --- the checker: what one row shows by itself, without the database ---

    def _check_row(
        self, place: Place, columns: Sequence[str], cells: Sequence[Cell] | None
    ) -> None:
        if cells is None:
            self._fail(place, "row.columns")
            return
        named = dict(zip(columns, cells, strict=True))
        operation = "D" if self._load.mode == "delete" else "U"
        values, codes = dict[str, Value](), set[str]()
        if self._load.operation_column:
            operation = named.pop(self._load.operation_column) or ""
            if operation not in ("I", "U", "D"):
                codes.add("operation.unknown")
        if self._load.tenant:
            named.pop(self._load.tenant[0], None)
        for column, cell in named.items():
            # A delete speaks of its key alone.
            if operation == "D" and column not in self._table.key:
                continue
            try:
                values[column] = None if cell is None else self._parse(column, cell)
            except BadText as error:
                codes.add(error.code)
            else:
                codes |= self._check_null(column, values[column])
        if self._load.tenant:
            values[self._load.tenant[0]] = self._load.tenant[1]
        if self._load.filter and self._load.filter[0] in values:
            column, wanted = self._load.filter
            if values[column] != wanted:
                codes.add("value.outside_filter")
        key = tuple(values.get(column) for column in self._match)
        if None not in key:
            self._named_keys.add(key)
        if codes:
            self._reasons[place] = codes
        else:
            self._staged.append(Staged(place, operation, key, values))

    def _parse(self, column: str, cell: str) -> Value:
        return self._table.column(column).type.parse(cell)

    def _check_null(self, column: str, value: Value) -> set[str]:
        if value is not None:
            return set()
        if column in self._table.key and self._load.mode != "append":
            return {"key.missing"}
        if column == self._load.version_column:
            return {"version.missing"}
        return {"value.required"} if self._table.column(column).not_null else set()

    # --- the judge: rows by themselves, against the database ---

    def _judge_single_rows(self) -> None:
        for row in self._staged:
            codes = set()
            held = self._held(row.key)
            if self._has_other_owner(row):
                codes.add("key.other_owner")
            if row.operation != "D":
                codes |= self._judge_image(self._image(row))
                if self._load.mode == "insert" and held is not None:
                    codes.add("unique.in_target")
                if held is not None and not self._in_scope(held):
                    codes.add("value.outside_filter")
            for code in codes:
                self._fail(row.place, code)

    def _judge_image(self, row: Row) -> set[str]:
        codes = set()
        for _, check in self._table.checks:
            if not check.immutable:
                continue
            try:
                if check.evaluate(row) is False:
                    codes.add("check.violated")
            except Raised:
                codes.add("database.rejected")
                self._events["a check raised"] += 1
        for unique in self._table.unique_keys():
            try:
                unique.value(row)
            except Raised:
                codes.add("database.rejected")
                self._events["an index raised"] += 1
        for column in self._table.columns:
            in_domain = column.type.domain_check
            value = row[column.name]
            if in_domain is not None and value is not None and not in_domain(value):
                codes.add("check.violated")
        if self._table.partitions:
            value = row[self._table.partition_column]
            if not any(
                isinstance(value, int) and low <= value < high
                for low, high in self._table.partitions
            ):
                codes.add("check.partition")
        for reference in self._table.references:
            wanted = values_of(row, reference.columns)
            parents = self._state.parents[reference.parent]
            if None not in wanted and not any(
                values_of(parent, reference.parent_columns) == wanted for parent in parents
            ):
                codes.add("reference.missing")
        return codes

    def _judge_operations(self) -> None:
        """Strict: an insert wants its key to be absent before it, an update wants it present."""
        if not self._load.strict:
            return
        failed = set(self._reasons)
        for row in self._staged:
            exists = self._held(row.key) is not None
            for other in self._staged:
                before = other.key == row.key and other.place < row.place
                if before and other.operation != "U" and other.place not in failed:
                    exists = other.operation == "I"
            if row.operation == "I" and exists:
                self._fail(row.place, "unique.in_target")
            if row.operation == "U" and not exists:
                self._fail(row.place, "key.not_found")

    # --- the rounds ---

    def _round(self) -> bool:
        before = len(self._reasons)
        winners = self._choose_winners()
        self._judge_references(winners)
        self._judge_unique([row for row in winners if row.place not in self._reasons])
        return len(self._reasons) > before

    def _choose_winners(self) -> list[Staged]:
        """Rows that have not failed: one for each key, and not older than the target's."""
        good = [row for row in self._staged if row.place not in self._reasons]
        if self._load.mode == "append":
            return good
        if self._load.duplicates == "reject":
            keys = collections.Counter(row.key for row in good)
            for row in good:
                if keys[row.key] > 1:
                    self._fail(row.place, "unique.in_file")
            good = [row for row in good if keys[row.key] == 1]
        winners = [row for row in good if row is self._winner(row.key, good)]
        for row in winners:
            if any(
                other.key == row.key and other.place in self._reasons and self._beats(other, row)
                for other in self._staged
            ):
                self._events["a loser moved up"] += 1
        return [row for row in winners if not self._superseded(row)]

    def _winner(self, key: Key, good: Sequence[Staged]) -> Staged:
        best: Staged | None = None
        for row in good:
            if row.key == key and (best is None or self._beats(row, best)):
                best = row
        assert best is not None
        return best

    def _beats(self, row: Staged, other: Staged) -> bool:
        if self._load.duplicates == "first":
            return row.place < other.place
        if self._load.version_column:
            mine, its = (r.values[self._load.version_column] for r in (row, other))
            if mine != its:
                return _less(its, mine)
        return row.place > other.place

    def _superseded(self, row: Staged) -> bool:
        held = self._held(row.key)
        if not self._load.version_column or held is None:
            return False
        version = self._load.version_column
        return held[version] is not None and _less(row.values[version], held[version])

    def _judge_references(self, winners: Sequence[Staged]) -> None:
        entries = self._entries(winners)
        deleted = self._deleted(winners)
        fails: list[tuple[Place, str]] = []
        for reference in self._table.self_references:
            parents = self._parents_when_done(reference, entries)
            for entry in entries:
                wanted = values_of(entry.image, reference.columns)
                if None not in wanted and wanted not in parents:
                    fails.append((entry.place, "reference.missing"))
        for row in winners:
            held = self._held(row.key)
            if row.operation == "D" and held is not None:
                lost = self._referrer(held, entries, deleted)
                if lost:
                    fails.append((row.place, "reference.in_use"))
                    self._events[f"a delete lost to {lost}"] += 1
        for entry in entries:
            if self._gives_up_what_others_refer_to(entry, entries, deleted):
                fails.append((entry.place, "reference.in_use"))
                self._events["an update gave up a value that is referred to"] += 1
        for place, code in fails:
            self._fail(place, code)

    def _parents_when_done(
        self, reference: Reference, entries: Sequence[Entry]
    ) -> list[tuple[Value, ...]]:
        """A row under deletion counts as there: it is the delete that loses."""
        replaced = self._replaced(entries)
        rows = [
            row
            for row in self._state.rows
            if self._key(row) not in replaced and not self._is_removed(row)
        ]
        rows += [entry.image for entry in entries]
        return [values_of(row, reference.parent_columns) for row in rows]

    def _referrer(self, held: Row, entries: Sequence[Entry], deleted: Sequence[Key]) -> str | None:
        """Who refers to this row when the load is done."""
        for reference in self._table.incoming:
            wanted = values_of(held, reference.parent_columns)
            for child in self._state.children:
                if None not in wanted and values_of(child, reference.columns) == wanted:
                    return "a row of another table"
        for reference in self._table.self_references:
            wanted = values_of(held, reference.parent_columns)
            if None in wanted:
                continue
            for entry in entries:
                if values_of(entry.image, reference.columns) == wanted:
                    return "a row of the load"
            for row in self._remaining(entries, deleted):
                if values_of(row, reference.columns) == wanted:
                    return "a row that stays"
            if any(
                values_of(row, reference.columns) == wanted and self._key(row) != self._key(held)
                for row in self._state.rows
                if self._key(row) in self._replaced(entries)
            ):
                self._events["a delete of what another row of the load lets go"] += 1
        return None

    def _gives_up_what_others_refer_to(
        self, entry: Entry, entries: Sequence[Entry], deleted: Sequence[Key]
    ) -> bool:
        held = self._held(entry.key)
        if held is None:
            return False
        for reference in (*self._table.incoming, *self._table.self_references):
            given_up = values_of(held, reference.parent_columns)
            if None in given_up or given_up == values_of(entry.image, reference.parent_columns):
                continue
            if given_up in self._parents_when_done(reference, entries):
                continue
            if reference in self._table.incoming:
                referrers: Sequence[Row] = self._state.children
            else:
                referrers = self._remaining(entries, deleted)
            if any(values_of(row, reference.columns) == given_up for row in referrers):
                return True
        return False

    def _judge_unique(self, winners: Sequence[Staged]) -> None:
        entries = self._entries(winners)
        deleted = self._deleted(winners)
        fails = [
            (entry.place, code)
            for unique in self._table.unique_keys()
            if self._load.mode == "append" or unique.columns != self._match or unique.predicate
            for entry in entries
            for code in self._judge_unique_value(unique, entry, entries, deleted)
        ]
        for place, code in fails:
            self._fail(place, code)

    def _judge_unique_value(
        self, unique: Unique, entry: Entry, entries: Sequence[Entry], deleted: Sequence[Key]
    ) -> set[str]:
        value = unique.value(entry.image)
        if value is None:
            if unique.predicate and not unique.covers(entry.image):
                self._events["a partial index left a row out"] += 1
            return set()
        codes = set()
        for other in entries:
            if other.place != entry.place and unique.value(other.image) == value:
                codes.add("unique.in_file")
        for row in self._state.rows:
            if unique.value(row) != value:
                continue
            if self._load.mode == "append":
                codes.add("unique.in_target")
                continue
            if self._key(row) == entry.key:
                continue
            code = self._judge_held_value(unique, row, value, entries, deleted)
            if code:
                codes.add(code)
        if codes and None in value:
            self._events["nulls were not distinct"] += 1
        return codes

    def _judge_held_value(
        self,
        unique: Unique,
        row: Row,
        value: tuple[object, ...],
        entries: Sequence[Entry],
        deleted: Sequence[Key],
    ) -> str | None:
        """A row of the target holds the value that somebody else wants."""
        if self._key(row) in deleted:
            self._events["a delete freed a value"] += 1
            return None
        if self._is_removed(row):
            self._events["a removal freed a value"] += 1
            return None
        for other in entries:
            if other.key == self._key(row):
                if unique.value(other.image) == value:
                    return None  # both stand in the load: told as such
                if unique.deferrable:
                    self._events["a deferrable constraint let a value change hands"] += 1
                    return None
                return "unique.swap"
        return "unique.in_target"

    def _merge(self) -> bool:
        """What only the server finds out, when it writes the rows that the judge let pass."""
        before = len(self._reasons)
        for entry in self._entries(self._choose_winners()):
            held = self._held(entry.key)
            if held is not None and _same(held, entry.image):
                continue
            for _, check in self._table.checks:
                if not check.immutable and check.evaluate(entry.image) is False:
                    self._fail(entry.place, "check.violated")
                    self._events["a check that is not immutable failed"] += 1
            trigger = self._table.trigger
            if trigger and entry.image[trigger.column] == trigger.value:
                raised = trigger.action == "raise"
                self._fail(entry.place, "database.rejected" if raised else "database.suppressed")
                self._events["a trigger raised" if raised else "a trigger swallowed a row"] += 1
        return len(self._reasons) > before

    # --- what comes of it ---

    def _apply(self) -> Result:
        outcomes = {place: "failed" for place in self._reasons}
        winners = self._choose_winners()
        removed = sum(self._is_removed(row) for row in self._state.rows)
        rows = [row for row in self._state.rows if not self._is_removed(row)]
        for row in winners:
            held = self._held(row.key)
            wanted = None if row.operation == "D" else self._image(row)
            if wanted is None:
                outcomes[row.place] = "unchanged" if held is None else "deleted"
            elif held is None:
                outcomes[row.place] = "inserted"
            else:
                outcomes[row.place] = "unchanged" if _same(held, wanted) else "updated"
            if held is not None:
                rows.remove(held)
            if wanted is not None:
                rows.append(wanted)
        good = [row for row in self._staged if row.place not in self._reasons]
        for row in good:
            if row.place not in outcomes:
                older = row is self._winner(row.key, good)
                outcomes[row.place] = "superseded" if older else "duplicate"
        codes = {place: frozenset(reasons) for place, reasons in self._reasons.items()}
        limit = self._load.max_failures
        if limit is None and self._load.mode == "replace":
            limit = 0
        refused = limit is not None and len(codes) > limit
        if refused:
            outcomes = {p: "failed" if p in codes else "skipped" for p in outcomes}
            rows, removed = list(self._state.rows), 0
        assert sorted(outcomes) == self._places
        return Result(outcomes, codes, rows, removed, refused, self._rounds, self._events)

    # --- the way to look at things ---

    def _fail(self, place: Place, code: str) -> None:
        self._reasons.setdefault(place, set()).add(code)

    def _key(self, row: Row) -> Key:
        return values_of(row, self._match)

    def _held(self, key: Key) -> Row | None:
        if self._load.mode == "append":
            return None
        for row in self._state.rows:
            if self._key(row) == key:
                return row
        return None

    def _replaced(self, entries: Sequence[Entry]) -> set[Key]:
        if self._load.mode == "append":
            return set()
        return {entry.key for entry in entries}

    def _has_other_owner(self, row: Staged) -> bool:
        """The same key without its tenant, but with another tenant."""
        if not self._load.tenant or self._load.tenant[0] in self._table.key:
            return False
        own = values_of(row.values, self._table.key)
        return any(
            values_of(held, self._table.key) == own and self._key(held) != row.key
            for held in self._state.rows
        )

    def _image(self, row: Staged) -> Row:
        """The row as the target would hold it: columns that the file lacks are left alone."""
        held = self._held(row.key) if self._load.mode != "insert" else None
        full = dict[str, Value]()
        for column in self._table.columns:
            absent = column.default if held is None else held[column.name]
            full[column.name] = row.values.get(column.name, absent)
        return full

    def _entries(self, winners: Sequence[Staged]) -> list[Entry]:
        return [
            Entry(row.place, row.key, self._image(row)) for row in winners if row.operation != "D"
        ]

    def _deleted(self, winners: Sequence[Staged]) -> list[Key]:
        return [
            row.key for row in winners if row.operation == "D" and row.place not in self._reasons
        ]

    def _remaining(self, entries: Sequence[Entry], deleted: Sequence[Key]) -> list[Row]:
        """Rows of the target that the load does not touch."""
        touched = [*deleted, *self._replaced(entries)]
        return [
            row
            for row in self._state.rows
            if self._key(row) not in touched and not self._is_removed(row)
        ]

    def _in_scope(self, row: Row) -> bool:
        return self._load.filter is None or row[self._load.filter[0]] == self._load.filter[1]

    def _is_removed(self, row: Row) -> bool:
        return (
            self._load.mode == "replace"
            and self._in_scope(row)
            and self._key(row) not in self._named_keys
        )


def _same(row: Row, other: Row) -> bool:
    return all(image(row[column]) == image(other[column]) for column in row)


def _less(a: Value, b: Value) -> bool:
    assert isinstance(a, int) and isinstance(b, int)
    return a < b
