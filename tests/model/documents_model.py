"""The rules of a load of documents, as slowly and plainly as they can be written.

As model.py does it for one table: every rule is evaluated over all rows of all tables in every round.
Rows fail by themselves first. Then come rounds of three steps: winners, references, uniqueness. All
violations of one step, in whatever table, fail together; between the steps a failed row takes its
document along, or what hangs on it. Verdicts are never withdrawn.
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar, cast

from tests.model.documents_tables import DocumentState, Key, Schema, referrers_of
from tests.model.model import Cell
from tests.model.tables import BadText, Raised, Reference, Row, Unique, Value, image, values_of

DocumentPlace = tuple[int, int]  # file, row
T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class Item:
    """A document or an item of a list; `cells` hold what the file says of it, and nothing else."""

    cells: Mapping[str, Cell]
    lists: Mapping[int, tuple[Item | None, ...] | None]  # by node; not there: absent


@dataclasses.dataclass(frozen=True)
class DocumentFile:
    name: str
    documents: tuple[Item, ...]
    # Columns by node where the file says so itself (Parquet); None: those that its documents have.
    columns: tuple[tuple[str, ...], ...] | None = None

    def columns_of(self, node: int) -> set[str]:
        if self.columns is not None:
            return set(self.columns[node])
        return {
            name
            for document in self.documents
            for at, item in walk(document)
            if at == node and item is not None
            for name in item.cells
        }


def walk(document: Item, node: int = 0) -> Iterator[tuple[int, Item | None]]:
    yield node, document
    for child, items in document.lists.items():
        for item in items or ():
            if item is None:
                yield child, None
            else:
                yield from walk(item, child)


@dataclasses.dataclass(frozen=True)
class DocumentLoad:
    mode: str
    files: tuple[DocumentFile, ...]
    duplicates: str = "last"
    version_column: str = ""
    strict: bool = False
    tenant: Value = None
    max_failures: int | None = None


@dataclasses.dataclass(eq=False)
class Staged:
    """A row of a table as it was read, and what became of it."""

    node: int
    place: DocumentPlace
    path: tuple[int, ...]  # places in the lists, from 0
    parent: Staged | None
    operation: str = "U"
    values: dict[str, Value] = dataclasses.field(default_factory=dict)
    lists: frozenset[int] = frozenset()
    codes: set[str] = dataclasses.field(default_factory=set)
    failed: bool = False
    lost: str = ""  # duplicate, superseded

    @property
    def order(self) -> tuple[int, ...]:
        return (*self.place, *self.path)


@dataclasses.dataclass
class DocumentResult:
    outcomes: tuple[dict[str, int], ...]  # by node; read, outcomes, removed, cascaded; no zeros
    codes: dict[DocumentPlace, frozenset[tuple[str, str]]]  # path, code
    rows: tuple[list[Row], ...]  # by node
    refused: bool
    rounds: int
    events: collections.Counter[str]

    @property
    def exit(self) -> int:
        if self.refused:
            return 4
        return 3 if self.codes else 0


def run(schema: Schema, state: DocumentState, load: DocumentLoad) -> DocumentResult:
    return _Model(schema, state, load).run()


class _Model:
    def __init__(self, schema: Schema, state: DocumentState, load: DocumentLoad) -> None:
        self._schema = schema
        self._nodes = schema.nodes
        self._state = state
        self._load = load
        self._rows: list[list[Staged]] = [[] for _ in schema.nodes]
        self._doomed: set[DocumentPlace] = set()  # failed as a whole in checking
        self._events: collections.Counter[str] = collections.Counter()
        self._rounds = 0
        self._failed_tables: set[int] = set()  # in the last round
        self._named_roots: set[Key] = set()
        self._columns = [
            [file.columns_of(node) for node in range(len(schema.nodes))] for file in load.files
        ]
        self._known: dict[object, object] = {}  # what the verdicts so far make of the target

    def run(self) -> DocumentResult:
        for number, file in enumerate(self._load.files):
            for index, document in enumerate(file.documents, start=1):
                self._check_item(0, document, (number, index), (), None)
        self._settle()
        staged = self._alive()
        for row in staged:
            row.codes |= self._judge_single(row)
        self._settle()
        self._judge_operations([row for row in staged if row.node == 0])
        self._settle()
        while self._round() or self._merge():
            self._rounds += 1
        return self._apply()

    # --- the checker ---

    def _check_item(
        self,
        node: int,
        item: Item | None,
        place: DocumentPlace,
        path: tuple[int, ...],
        parent: Staged | None,
    ) -> None:
        row = Staged(node, place, path, parent)
        self._rows[node].append(row)
        cells = {} if item is None else item.cells
        if node == 0:
            row.operation = self._operation(row, cells)
        columns = self._columns[place[0]][node] - {"op"}
        bad = set()
        if node == 0 and row.operation == "D":
            columns &= set(self._nodes[0].table.key)
        for name in columns - {self._schema.tenant}:
            bad |= self._check_cell(row, name, cells.get(name))
        if not columns and item is None:
            row.codes.add("key.missing")
            bad.add(self._own_key(node)[0])
        self._bring_from_above(row)
        if node == 0 and None not in self._key(row):
            self._named_roots.add(self._key(row))
        at = self._nodes[node]
        if row.codes and (node == 0 or not at.alone):
            self._doomed.add(place)
        elif row.codes and at.replaces and bad & set(self._own_key(node)):
            # Without a key it cannot be told from what the list leaves out.
            self._doomed.add(place)
            self._events["a row without a key that its list cannot do without"] += 1
        if item is None or row.operation == "D":
            return
        row.lists = frozenset(child for child, items in item.lists.items() if items is not None)
        for child, items in item.lists.items():
            for index, below in enumerate(items or ()):
                self._check_item(child, below, place, (*path, index), row)

    def _operation(self, row: Staged, cells: Mapping[str, Cell]) -> str:
        if self._load.mode == "delete":
            return "D"
        if self._load.mode != "mixed":
            return "U"
        operation = cells.get("op") or ""
        if operation not in ("I", "U", "D"):
            row.codes.add("operation.unknown")
        return operation

    def _check_cell(self, row: Staged, name: str, cell: Cell) -> set[str]:
        """The column, where the cell is bad."""
        column = self._nodes[row.node].table.column(name)
        code = ""
        try:
            row.values[name] = None if cell is None else column.type.parse(cell)
        except BadText as error:
            code = error.code
        else:
            if row.values[name] is None:
                if name in self._own_key(row.node):
                    code = "key.missing"
                elif row.node == 0 and name == self._load.version_column:
                    code = "version.missing"
                elif column.not_null:
                    code = "value.required"
        if not code:
            return set()
        row.codes.add(code)
        return {name}

    def _bring_from_above(self, row: Staged) -> None:
        if self._schema.tenant:
            row.values[self._schema.tenant] = self._load.tenant
        if row.parent is not None:
            for own, above in self._schema.tie(row.node):
                row.values[own] = row.parent.values.get(above)

    def _own_key(self, node: int) -> list[str]:
        at = self._nodes[node]
        return [name for name in at.table.key if name not in at.parent_columns]

    # --- what fails along ---

    def _settle(self) -> None:
        self._known.clear()
        failed = set(self._doomed)
        for row in self._all():
            if row.codes and (row.node == 0 or not self._nodes[row.node].alone):
                failed.add(row.place)
        for row in self._all():  # parents come before their children
            above = row.parent is not None and row.parent.failed
            row.failed = row.failed or bool(row.codes) or row.place in failed or above

    def _all(self) -> Iterator[Staged]:
        for rows in self._rows:
            yield from rows

    def _alive(self) -> list[Staged]:
        return [row for row in self._all() if not row.failed]

    # --- the judge: rows by themselves, against the database ---

    def _judge_single(self, row: Staged) -> set[str]:
        codes = set()
        held = self._held(row)
        table = self._nodes[row.node].table
        if self._has_other_owner(row, held):
            codes.add("key.other_owner")
        if row.operation == "D":
            return codes
        if self._load.mode == "insert" and held is not None:
            codes.add("unique.in_target")
        full = self._image(row)
        for _, check in table.checks:
            if not check.immutable:
                continue
            try:
                if check.evaluate(full) is False:
                    codes.add("check.violated")
            except Raised:
                codes.add("database.rejected")
        for column in table.columns:
            in_domain, value = column.type.domain_check, full[column.name]
            if in_domain is not None and value is not None and not in_domain(value):
                codes.add("check.violated")
        for reference in table.references:
            wanted = values_of(full, reference.columns)
            there = [values_of(r, ("id",)) for r in self._state.outside[reference.parent]]
            if None not in wanted and wanted not in there:
                codes.add("reference.missing")
        return codes

    def _has_other_owner(self, row: Staged, held: Row | None) -> bool:
        """The key is there: under another parent, or with another tenant."""
        at = self._nodes[row.node]
        if held is not None and row.parent is not None:
            if values_of(held, at.parent_columns) != values_of(row.values, at.parent_columns):
                return True
        tenant = self._schema.tenant
        if not tenant or tenant in at.table.key:
            return False
        own = values_of(row.values, at.table.key)
        return any(
            values_of(other, at.table.key) == own and other[tenant] != row.values[tenant]
            for other in self._state.rows[row.node]
        )

    def _judge_operations(self, rows: Sequence[Staged]) -> None:
        """Strict: failed rows do not count for others, but are told all the same."""
        if not self._load.strict:
            return
        for row in rows:
            exists = self._held(row) is not None
            for other in rows:
                before = self._key(other) == self._key(row) and other.order < row.order
                if before and other.operation != "U" and not other.failed:
                    exists = other.operation == "I"
            if row.operation == "I" and exists:
                row.codes.add("unique.in_target")
            if row.operation == "U" and not exists:
                row.codes.add("key.not_found")

    # --- the rounds ---

    def _round(self) -> bool:
        before = self._with_reasons()
        self._choose_winners()
        self._fail_all(self._judge_references())
        self._fail_all(self._judge_unique())
        new = self._with_reasons() - before
        tables = {row.node for row in new}
        self._events["a cascade across tables"] += bool(
            self._failed_tables and tables - self._failed_tables
        )
        self._failed_tables = tables
        return bool(new)

    def _with_reasons(self) -> set[Staged]:
        return {row for row in self._all() if row.codes}

    def _fail_all(self, fails: Sequence[tuple[Staged, str]]) -> None:
        for row, code in fails:
            row.codes.add(code)
        self._settle()

    def _choose_winners(self) -> None:
        """Marks losers; keys that nobody may win fail. Losers take what hangs on them along."""
        fails: list[tuple[Staged, str]] = []
        for row in self._all():
            if row.lost and row.node == 0:
                row.lost = "?" + row.lost
            else:
                row.lost = ""
        self._choose_roots(fails)
        for node in range(1, len(self._nodes)):
            good = []
            for row in self._rows[node]:
                assert row.parent is not None
                if row.parent.lost and not row.failed:
                    row.lost = row.parent.lost
                elif not row.failed:
                    good.append(row)
            for rows in self._by_key(good):
                if len({row.place for row in rows}) > 1:
                    fails += [(row, "unique.in_file") for row in rows]
                    self._events["a child's key in two documents"] += 1
                    continue
                for row in rows[:-1]:
                    row.lost = "duplicate"
                    self._events["a row twice in one document"] += 1
        self._fail_all(fails)

    def _choose_roots(self, fails: list[tuple[Staged, str]]) -> None:
        for rows in self._by_key([row for row in self._rows[0] if not row.failed]):
            if self._load.duplicates == "reject" and len(rows) > 1:
                for row in rows:
                    row.lost = ""
                fails += [(row, "unique.in_file") for row in rows]
                continue
            best = max(rows, key=self._rank)
            if best.lost == "?duplicate":
                self._events["a loser moved up"] += 1
                below = [r for r in self._all() if r.place == best.place and r.node > 0]
                self._events["a loser moved up with its children"] += bool(below)
            for row in rows:
                row.lost = "" if row is best else "duplicate"
            held = self._held(best)
            version = self._load.version_column
            if version and held is not None and held[version] is not None:
                if self._version(held) > self._version(best.values):
                    best.lost = "superseded"
        for row in self._rows[0]:
            row.lost = row.lost if not row.lost.startswith("?") else ""

    def _rank(self, row: Staged) -> tuple[int, ...]:
        if self._load.version_column:
            return (self._version(row.values), *row.order)
        if self._load.duplicates == "first":
            return tuple(-number for number in row.order)
        return row.order

    def _version(self, row: Mapping[str, Value]) -> int:
        version = row[self._load.version_column]
        assert isinstance(version, int)
        return version

    def _by_key(self, rows: Sequence[Staged]) -> list[list[Staged]]:
        groups: dict[Key, list[Staged]] = {}
        for row in sorted(rows, key=lambda row: row.order):
            groups.setdefault(self._key(row), []).append(row)
        return list(groups.values())

    def _accepted(self, node: int) -> list[Staged]:
        return [row for row in self._rows[node] if not row.failed and not row.lost]

    def _entries(self, node: int) -> list[tuple[Staged, Row]]:
        return self._once(
            ("entries", node),
            lambda: [
                (row, self._image(row)) for row in self._accepted(node) if row.operation != "D"
            ],
        )

    def _once(self, what: object, find: Callable[[], T]) -> T:
        """Verdicts do not change within a step: what follows from them is found once."""
        if what not in self._known:
            self._known[what] = find()
        return cast(T, self._known[what])

    # --- references ---

    def _judge_references(self) -> list[tuple[Staged, str]]:
        fails = []
        for node, at in enumerate(self._nodes):
            for reference in (*at.table.self_references, *at.across):
                there = self._there_when_done(reference)
                for row, full in self._entries(node):
                    wanted = values_of(full, reference.columns)
                    if None not in wanted and wanted not in there:
                        fails.append((row, "reference.missing"))
                        if reference in at.across:
                            self._events["a reference between tables of the load is broken"] += 1
        fails += self._judge_deletes()
        fails += self._judge_left_out()
        return fails

    def _there_when_done(self, reference: Reference) -> list[Key]:
        """A row under deletion counts as there, it is the delete that loses; a removed one is not."""
        node = self._schema.node_of(reference.parent)
        entries = self._entries(node)
        replaced = {self._key(row) for row, _ in entries}
        rows = [
            row
            for row in self._state.rows[node]
            if self._row_key(node, row) not in replaced
            and self._why_gone(node, row) in ("", "deleted")
        ]
        rows += [full for _, full in entries]
        return [values_of(row, reference.parent_columns) for row in rows]

    def _judge_deletes(self) -> list[tuple[Staged, str]]:
        """A delete loses against whatever still refers to what it takes away."""
        fails = []
        for row in self._accepted(0):
            held = self._held(row)
            if row.operation != "D" or held is None:
                continue
            for node, gone in self._taken_along(0, held):
                if self._still_referred_to(node, gone):
                    fails.append((row, "reference.in_use"))
                    self._events["a delete lost"] += 1
                    self._events["a delete lost to what refers to its children"] += node > 0
                    break
        return fails

    def _judge_left_out(self) -> list[tuple[Staged, str]]:
        """What a list leaves out and rows refer to that stay: the row with the list is at fault."""
        fails = []
        for node, at in enumerate(self._nodes):
            if not at.replaces:
                continue
            for held in self._state.rows[node]:
                culprit = self._leaving_out(node, held)
                if culprit is None:
                    continue
                along = self._taken_along(node, held)
                if any(self._still_referred_to(n, gone, written=False) for n, gone in along):
                    fails.append((culprit, "reference.in_use"))
                    self._events["a list left out what is referred to"] += 1
        return fails

    def _taken_along(self, node: int, row: Row) -> list[tuple[int, Row]]:
        taken = [(node, row)]
        for child in self._schema.children(node):
            for below in self._state.rows[child]:
                if self._hangs(child, below, row):
                    taken += self._taken_along(child, below)
        return taken

    def _still_referred_to(self, node: int, gone: Row, *, written: bool = True) -> bool:
        """By rows outside the load, rows of it that are not touched, and those that it writes."""
        for reference in self._schema.incoming:
            if self._schema.node_of(reference.parent) == node and referrers_of(
                reference, gone, self._state.referrers[reference.name]
            ):
                return True
        for other, at in enumerate(self._nodes):
            for reference in (*at.table.self_references, *at.across):
                if self._schema.node_of(reference.parent) != node:
                    continue
                stays = self._untouched(other)
                if written:
                    stays += [full for _, full in self._entries(other)]
                if referrers_of(reference, gone, stays):
                    return True
        return False

    def _untouched(self, node: int) -> list[Row]:
        replaced = {self._key(row) for row, _ in self._entries(node)}
        return [
            row
            for row in self._state.rows[node]
            if self._row_key(node, row) not in replaced and not self._why_gone(node, row)
        ]

    # --- what goes ---

    def _hangs(self, node: int, row: Row, above: Row) -> bool:
        return all(row[own] == above[name] for own, name in self._schema.tie(node))

    def _above(self, node: int, row: Row) -> Row:
        parent = self._nodes[node].parent
        return next(r for r in self._state.rows[parent] if self._hangs(node, row, r))

    def _leaving_out(self, node: int, held: Row) -> Staged | None:
        """The row whose list is there and does not name this one of the target."""
        return self._once(("left out", node, id(held)), lambda: self._find_leaving_out(node, held))

    def _find_leaving_out(self, node: int, held: Row) -> Staged | None:
        at = self._nodes[node]
        if not at.replaces:
            return None
        for parent in self._accepted(at.parent):
            if parent.operation == "D" or node not in parent.lists:
                continue
            if not all(held[own] == parent.values[name] for own, name in self._schema.tie(node)):
                continue
            named = any(
                self._key(row) == self._row_key(node, held)
                for row in self._rows[node]
                if row.parent is not None and not row.parent.failed and not row.parent.lost
            )
            return None if named else parent
        return None

    def _why_gone(self, node: int, row: Row) -> str:
        """'': it stays; deleted: it or its document by a row; removed: by replace or by a list."""
        return self._once(("gone", node, id(row)), lambda: self._find_why_gone(node, row))

    def _find_why_gone(self, node: int, row: Row) -> str:
        if node == 0:
            key = self._row_key(0, row)
            if any(r.operation == "D" and self._key(r) == key for r in self._accepted(0)):
                return "deleted"
            own = not self._schema.tenant or row[self._schema.tenant] == self._load.tenant
            absent = self._load.mode == "replace" and own and key not in self._named_roots
            return "removed" if absent else ""
        if self._leaving_out(node, row) is not None:
            return "removed"
        return self._why_gone(self._nodes[node].parent, self._above(node, row))

    # --- uniqueness ---

    def _judge_unique(self) -> list[tuple[Staged, str]]:
        return [
            (row, code)
            for node, at in enumerate(self._nodes)
            for unique in at.table.unique_keys()
            if set(unique.columns) != set(self._match(node))
            for row, full in self._entries(node)
            for code in self._judge_value(unique, row, full)
        ]

    def _judge_value(self, unique: Unique, row: Staged, full: Row) -> set[str]:
        value = unique.value(full)
        if value is None:
            return set()
        codes = set()
        entries = self._entries(row.node)
        for other, its in entries:
            if other is not row and unique.value(its) == value:
                codes.add("unique.in_file")
                if other.place != row.place:
                    self._events["a unique value in two documents"] += 1
        for held in self._state.rows[row.node]:
            key = self._row_key(row.node, held)
            if unique.value(held) != value or key == self._key(row):
                continue
            gone = self._why_gone(row.node, held)
            if gone:
                self._events[f"a value freed by a row that is {gone}"] += 1
                continue
            replacing = [its for other, its in entries if self._key(other) == key]
            if not replacing:
                codes.add("unique.in_target")
            elif unique.value(replacing[0]) != value:
                if unique.deferrable:
                    self._events["a deferrable constraint let a value change hands"] += 1
                else:
                    codes.add("unique.swap")
        return codes

    def _merge(self) -> bool:
        """What only the server finds out, when it writes the rows that the judge let pass."""
        fails: list[tuple[Staged, str]] = []
        for node, at in enumerate(self._nodes):
            trigger = at.table.trigger
            for row, full in self._entries(node):
                held = self._held(row)
                if held is not None and _same(held, full):
                    continue
                for _, check in at.table.checks:
                    if not check.immutable and check.evaluate(full) is False:
                        fails.append((row, "check.violated"))
                if trigger and full[trigger.column] == trigger.value:
                    raised = trigger.action == "raise"
                    code = "database.rejected" if raised else "database.suppressed"
                    fails.append((row, code))
        self._fail_all(fails)
        return bool(fails)

    # --- what comes of it ---

    def _apply(self) -> DocumentResult:
        codes: dict[DocumentPlace, set[tuple[str, str]]] = {}
        for row in self._all():
            for code in row.codes:
                codes.setdefault(row.place, set()).add((self._path(row), code))
            if row.failed and not row.codes:
                self._events["code group.failed"] += 1
                if row.parent is not None and not self._root_of(row).failed:
                    name = "a row failed with the one that it hangs on, and not its document"
                    self._events[name] += 1
        failed_roots = sum(row.failed for row in self._rows[0])
        limit = self._load.max_failures
        if limit is None and self._load.mode == "replace":
            limit = 0
        refused = limit is not None and failed_roots > limit
        counts, rows = [], []
        for node in range(len(self._nodes)):
            counted, left = self._apply_node(node, refused)
            counts.append({name: number for name, number in counted.items() if number})
            rows.append(left)
        return DocumentResult(
            tuple(counts),
            {place: frozenset(found) for place, found in codes.items()},
            tuple(rows),
            refused,
            self._rounds,
            self._events,
        )

    def _apply_node(self, node: int, refused: bool) -> tuple[collections.Counter[str], list[Row]]:
        counts = collections.Counter({"read": len(self._rows[node])})
        if refused:
            failed = sum(row.failed for row in self._rows[node])
            counts.update(failed=failed, skipped=len(self._rows[node]) - failed)
            return counts, list(self._state.rows[node])
        left = []
        for held in self._state.rows[node]:
            gone = self._why_gone(node, held)
            if not gone:
                left.append(held)
            elif node > 0:
                by_list = self._leaving_out(node, held) is not None
                counts["removed" if by_list else "cascaded"] += 1
            elif gone == "removed":
                counts["removed"] += 1
        for row in self._rows[node]:
            outcome = "failed" if row.failed else row.lost or self._apply_row(row, left)
            counts[outcome] += 1
        return counts, left

    def _apply_row(self, row: Staged, left: list[Row]) -> str:
        held = self._held(row)
        if row.operation == "D":
            return "unchanged" if held is None else "deleted"
        full = self._image(row)
        if held is None:
            left.append(full)
            return "inserted"
        left[left.index(held)] = full
        return "unchanged" if _same(held, full) else "updated"

    def _root_of(self, row: Staged) -> Staged:
        return row if row.parent is None else self._root_of(row.parent)

    def _path(self, row: Staged) -> str:
        if row.parent is None:
            return ""
        above = self._path(row.parent)
        own = f"{self._nodes[row.node].list_name}[{row.path[-1]}]"
        return f"{above}.{own}" if above else own

    # --- the way to look at things ---

    def _match(self, node: int) -> tuple[str, ...]:
        key = self._nodes[node].table.key
        tenant = self._schema.tenant
        return key if not tenant or tenant in key else (*key, tenant)

    def _key(self, row: Staged) -> Key:
        return tuple(row.values.get(name) for name in self._match(row.node))

    def _row_key(self, node: int, row: Row) -> Key:
        return values_of(row, self._match(node))

    def _held(self, row: Staged) -> Row | None:
        key = self._key(row)
        for held in self._state.rows[row.node]:
            if self._row_key(row.node, held) == key:
                return held
        return None

    def _image(self, row: Staged) -> Row:
        held = self._held(row) if self._load.mode != "insert" else None
        full = dict[str, Value]()
        for column in self._nodes[row.node].table.columns:
            absent = column.default if held is None else held[column.name]
            full[column.name] = row.values.get(column.name, absent)
        return full


def _same(row: Row, other: Row) -> bool:
    return all(image(row[column]) == image(other[column]) for column in row)


