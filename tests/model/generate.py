"""Random tables, contents and files; a seed gives the same scenario everywhere.

Domains of values are small, so that keys, unique values and references meet often. Most scenarios are
rich (several constraints that act upon each other); some are about what only the server finds out,
and those hold nothing else, because in which order the server finds it is not said anywhere.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Sequence
from typing import TypeVar

from tests.model import model, tables
from tests.model.model import Cell, File, Load, State
from tests.model.tables import (
    Column,
    ColumnType,
    Expression,
    Raised,
    Reference,
    Row,
    Table,
    Trigger,
    Unique,
    Value,
)

# Cells that are fine, and cells that are not, by type.
GOOD_CELLS: dict[str, Sequence[str]] = {
    "integer": ("0", "1", "2", "3", "4", "5", "6"),
    "text": ("a", "A", "b", "é", "", "x;y", 'q"q', "two\nlines"),
    "varchar(3)": ("a", "A", "b", "ção", ""),
    "numeric": ("1", "1.0", "1.00", "2.5", "-3"),
    "numeric(6,2)": ("1", "1.5", "1.50", "-2.25", "9999.99"),
    "uuid": tuple(f"{digit * 8}-0000-4000-8000-000000000000" for digit in "12345f"),
    "boolean": ("true", "false"),
    "date": ("2024-02-29", "2000-01-01", "1999-12-31"),
    "small": ("0", "1", "2", "3", "4", "5", "6"),
}
BAD_CELLS: dict[str, Sequence[str]] = {
    "integer": ("x", "99999999999"),
    "varchar(3)": ("abcd",),
    "numeric": ("1,5x",),
    "numeric(6,2)": ("1.005", "10000", "--1"),
    "uuid": ("123",),
    "boolean": ("perhaps",),
    "date": ("2023-02-29", "tomorrow"),
    "small": ("x",),
}
T = TypeVar("T")

KEY_TYPES = (tables.INTEGER, tables.TEXT, tables.NUMERIC_6_2, tables.UUID)
EXTRA_TYPES = (tables.NUMERIC, tables.VARCHAR, tables.BOOLEAN, tables.DATE, tables.SMALL)


@dataclasses.dataclass(frozen=True)
class Scenario:
    seed: int
    kind: str
    table: Table
    state: State
    load: Load
    format: str  # csv, parquet

    def setup(self) -> list[str]:
        """The SQL that makes the tables and fills them."""
        statements = [tables.DOMAIN_DDL]
        for reference in self.table.references:
            statements += _parent_ddl(reference, self.state)
        statements += self.table.ddl()
        if self.state.rows:
            names = self.table.names()
            statements.append(tables.insert_statement(self.table.name, names, self.state.rows))
        for reference in self.table.incoming:
            statements += _child_ddl(reference, self.table, self.state)
        return statements + self.table.trigger_ddl()

    def arguments(self) -> list[str]:
        load = self.load
        arguments = [file.name for file in load.files]
        arguments += ["--to", self.table.name, "--mode", load.mode]
        if self.table.key not in (self.table.primary_key, ()):
            arguments += ["--key", ",".join(self.table.key)]
        if load.version_column:
            arguments += ["--version-column", load.version_column]
        elif load.duplicates != default_duplicates(load.mode):
            arguments += ["--duplicates", load.duplicates]
        if load.operation_column and not load.strict:
            arguments += ["--operation-column", load.operation_column]
        if load.strict:
            arguments += ["--contract", "contract.yaml"]
        if load.tenant:
            arguments += ["--tenant", f"{load.tenant[0]}={load.tenant[1]}"]
        if load.filter:
            arguments += ["--filter", f"{load.filter[0]} = {load.filter[1]}"]
        if load.max_failures is not None:
            arguments += ["--max-failures", str(load.max_failures)]
        if load.mode == "replace":
            arguments += ["--max-removals", "100%"]
        if load.mode == "append":
            arguments += ["--again"]
        return arguments


def default_duplicates(mode: str) -> str:
    return "first" if mode == "insert" else "last"


def scenario(seed: int) -> Scenario:
    return _Generator(seed).scenario()


class _Generator:
    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._random = random.Random(seed)
        self._parents: dict[str, tuple[Row, ...]] = {}

    def scenario(self) -> Scenario:
        kind = self._pick(["rich"] * 14 + ["server"] * 3 + ["partitioned", "tenant"])
        mode = self._mode(kind)
        table = {
            "rich": self._rich_table,
            "server": self._server_table,
            "partitioned": self._partitioned_table,
            "tenant": self._tenant_table,
        }[kind](mode)
        file_format = "parquet" if self._chance(0.25) else "csv"
        state = self._state(table)
        load = self._load(table, state, mode, file_format)
        return Scenario(self._seed, kind, table, state, load, file_format)

    def _mode(self, kind: str) -> str:
        modes = ["upsert"] * 5 + ["mixed"] * 5 + ["replace"] * 2 + ["insert", "append", "delete"]
        if kind == "tenant":
            modes = [mode for mode in modes if mode not in ("replace", "append")]
        if kind == "server":
            # In mode insert two things would be wrong with a row whose key is taken, and which of
            # them is told is nobody's concern.
            modes = ["upsert"]
        return self._pick(modes)

    # --- tables ---

    def _rich_table(self, mode: str) -> Table:
        key_type = self._pick(KEY_TYPES)
        columns = [Column("k", key_type, not_null=True)]
        primary: tuple[str, ...] = ("k",)
        if self._chance(0.2):
            columns.append(Column("k2", self._pick(KEY_TYPES), not_null=True))
            primary = ("k", "k2")
        columns += self._plain_columns()
        code_type = self._pick((tables.INTEGER, tables.TEXT))
        code_required = self._chance(0.6)
        columns.append(Column("code", code_type, not_null=code_required))
        uniques = [Unique("t_code", ("code",), deferrable=self._chance(0.25))]
        uniques += self._uniques()
        key = primary
        if code_required and not uniques[0].deferrable and self._chance(0.15):
            key = ("code",)
        self_references = self._self_references(columns, primary, uniques[0], key_type, code_type)
        references = self._references(columns)
        return Table(
            "t",
            tuple(columns),
            primary,
            key,
            tuple(uniques),
            self._checks(),
            references,
            self_references,
            self._incoming(mode, primary, uniques[0]),
        )

    def _plain_columns(self) -> list[Column]:
        return [
            Column("b", tables.INTEGER, not_null=self._chance(0.2)),
            Column("c", tables.INTEGER),
            Column("d", tables.TEXT),
            # In no constraint: what the server will put there is not known beforehand.
            Column("z", tables.INTEGER, default=3 if self._chance(0.5) else None),
            *(
                Column(f"e{number}", kind)
                for number, kind in enumerate(self._random.sample(EXTRA_TYPES, 2))
            ),
        ]

    def _uniques(self) -> list[Unique]:
        offered = [
            Unique("t_b_d", ("b", "d"), nulls_not_distinct=self._chance(0.5)),
            Unique("t_c", ("c",), nulls_not_distinct=self._chance(0.5)),
            Unique("t_d_part", ("d",), predicate=_GREATER_2),
            Unique("t_b_part", ("b",), predicate=_D_IS_NOT_NULL),
            Unique("t_lower", (), expression=_LOWER_D),
            Unique("t_c_deferrable", ("c",), deferrable=True),
        ]
        return self._random.sample(offered, self._pick((0, 0, 1, 1, 2)))

    def _checks(self) -> tuple[tuple[str, Expression], ...]:
        chosen = self._random.sample(CHECKS, self._pick((0, 0, 0, 1, 1, 2)))
        return tuple((f"t_check_{number}", check) for number, check in enumerate(chosen))

    def _references(self, columns: list[Column]) -> tuple[Reference, ...]:
        references = []
        if self._chance(0.4):
            columns.append(Column("f", tables.INTEGER))
            references.append(Reference("t_f", ("f",), "parent", ("id",)))
            self._parents["parent"] = tuple({"id": number} for number in range(6))
        if self._chance(0.2):
            references.append(Reference("t_c_d", ("c", "d"), "pair", ("x", "y")))
            texts = GOOD_CELLS["text"]
            pairs = [(x, y) for x in range(7) for y in texts if (x, y) not in ((1, "a"), (3, "b"))]
            self._parents["pair"] = tuple({"x": x, "y": y} for x, y in pairs)
        return tuple(references)

    def _self_references(
        self,
        columns: list[Column],
        primary: tuple[str, ...],
        code: Unique,
        key_type: ColumnType,
        code_type: ColumnType,
    ) -> tuple[Reference, ...]:
        references = []
        if len(primary) == 1 and self._chance(0.55):
            columns.append(Column("p", key_type))
            references.append(Reference("t_p", ("p",), "t", ("k",)))
        if not code.deferrable and self._chance(0.3):
            columns.append(Column("pc", code_type))
            references.append(Reference("t_pc", ("pc",), "t", ("code",)))
        return tuple(references)

    def _incoming(self, mode: str, primary: tuple[str, ...], code: Unique) -> tuple[Reference, ...]:
        # What replace takes away may be referred to: that belongs to no row, and is a case.
        if mode == "replace" or not self._chance(0.5):
            return ()
        if not code.deferrable and self._chance(0.4):
            return (Reference("child_code", ("code",), "t", ("code",)),)
        return (Reference("child_key", primary, "t", primary),)

    def _server_table(self, mode: str) -> Table:
        del mode
        columns = (Column("k", tables.INTEGER, not_null=True), *self._plain_columns())
        table = Table("t", columns, ("k",), ("k",))
        match self._pick(("raise", "swallow", "check", "index")):
            case "check":
                return dataclasses.replace(table, checks=(("t_check", _NOT_IMMUTABLE),))
            case "index":
                unique = Unique("t_div", (), expression=_TEN_BY_B)
                return dataclasses.replace(table, uniques=(unique,))
            case action:
                return dataclasses.replace(table, trigger=Trigger(action, "b", 3))

    def _partitioned_table(self, mode: str) -> Table:
        del mode
        columns = (
            Column("k", tables.INTEGER, not_null=True),
            *self._plain_columns(),
        )
        return Table(
            "t",
            columns,
            ("k",),
            ("k",),
            checks=self._checks(),
            partitions=((0, 3), (3, 5)),
            partition_column="k",
        )

    def _tenant_table(self, mode: str) -> Table:
        del mode
        with_tenant = self._chance(0.4)
        key = ("tenant", "k") if with_tenant else ("k",)
        columns = (
            Column("tenant", tables.INTEGER, not_null=True),
            Column("k", tables.INTEGER, not_null=True),
            *self._plain_columns(),
        )
        uniques = (Unique("t_tenant_d", ("tenant", "d")),) if self._chance(0.5) else ()
        return Table("t", columns, key, key, uniques, self._checks())

    # --- what is in the target ---

    def _state(self, table: Table) -> State:
        """Rows that the model lets in one after the other, so that they keep every constraint."""
        state = State((), dict(self._parents))
        for _ in range(self._pick((0, 4, 8, 12, 20))):
            columns = table.names()
            cells = tuple(self._good_cell(table.column(name), 0.3) for name in columns)
            # In mode append every unique key is looked at, that of the matching too.
            load = Load("append", (File("state", columns, (cells,)),))
            result = model.run(table, state, load)
            if not result.codes:
                state = dataclasses.replace(state, rows=tuple(result.rows))
        children: list[Row] = []
        for reference in table.incoming:
            for row in self._random.sample(state.rows, len(state.rows) // 3):
                values = tables.values_of(row, reference.parent_columns)
                children.append(dict(zip(reference.columns, values, strict=True)))
        return dataclasses.replace(state, children=tuple(children))

    # --- what is loaded ---

    def _load(self, table: Table, state: State, mode: str, file_format: str) -> Load:
        load = Load(mode, (), duplicates=default_duplicates(mode))
        if mode != "delete" and self._chance(0.3):
            others = [rule for rule in ("last", "first", "reject") if mode != "mixed"]
            load = dataclasses.replace(load, duplicates=self._pick(others or ["last"]))
        # Which of version and order decides between an insert and a delete is not said anywhere.
        if mode in ("upsert", "insert") and self._chance(0.2):
            load = dataclasses.replace(load, duplicates="highest_version", version_column="c")
        if mode == "mixed":
            strict = (
                self._chance(0.3) and table.key == table.primary_key and not self._tenants(table)
            )
            load = dataclasses.replace(load, operation_column="op", strict=strict)
        if self._tenants(table):
            load = dataclasses.replace(load, tenant=("tenant", 1))
        # Rows outside the filter may refer to what replace takes away: no row's fault either.
        if mode == "replace" and not table.self_references and self._chance(0.4):
            load = dataclasses.replace(load, filter=("b", self._pick((1, 2))))
        # A failed row stays as it was, and may refer to what replace takes away: no row's fault.
        may_fail = mode != "replace" or not table.self_references
        if may_fail and self._chance(0.15):
            load = dataclasses.replace(load, max_failures=self._pick((0, 1, 3, 10)))
        columns = self._file_columns(table, load)
        bad = self._pick((0.0, 0.0, 0.04)) if file_format == "csv" else 0.0
        # With failures allowed, a failed row without a readable key fails a replace as a whole.
        if mode == "replace" and load.max_failures:
            bad = 0.0
        sizes = [self._pick((1, 3, 6, 10, 16)) for _ in range(self._pick((1, 1, 2)))]
        files = []
        for number, size in enumerate(sizes):
            order = self._random.sample(columns, len(columns))
            rows = tuple(self._file_row(table, state, load, order, bad) for _ in range(size))
            files.append(File(f"rows{number}.{file_format}", tuple(order), rows))
        return dataclasses.replace(load, files=tuple(files))

    def _tenants(self, table: Table) -> bool:
        return "tenant" in table.names()

    def _file_columns(self, table: Table, load: Load) -> list[str]:
        if load.mode == "delete" and self._chance(0.5):
            return list(table.key) if len(table.key) > 1 else [*table.key, "b"]
        needed = {*table.primary_key, *table.key, load.version_column, "tenant"}
        needed |= {column.name for column in table.columns if column.not_null}
        if load.filter:
            needed.add(load.filter[0])
        columns = [name for name in table.names() if name in needed or not self._chance(0.12)]
        return [*columns, "op"] if load.operation_column else columns

    def _file_row(
        self, table: Table, state: State, load: Load, columns: Sequence[str], bad: float
    ) -> tuple[Cell, ...] | None:
        if self._chance(bad / 2):
            return model.UNREADABLE
        held = self._pick(state.rows) if state.rows and self._chance(0.6) else None
        operation = self._pick(("I", "U", "U", "D", "D"))
        if self._chance(bad):
            operation = "X"
        cells: list[Cell] = []
        for name in columns:
            if name == "op":
                cells.append(operation)
                continue
            column = table.column(name)
            is_key = name in table.key or name in table.primary_key
            if held is not None and (is_key or self._chance(0.5)):
                value = held[name]
                cells.append(None if value is None else _cell(value))
            elif operation == "D" and not is_key:
                cells.append(self._pick(GOOD_CELLS[column.type.name]))
            elif load.filter and name == load.filter[0] and self._chance(0.9):
                cells.append(str(load.filter[1]))
            else:
                cells.append(self._any_cell(column, bad))
        return tuple(cells)

    def _any_cell(self, column: Column, bad: float) -> Cell:
        if self._chance(bad) and column.type.name in BAD_CELLS:
            return self._pick(BAD_CELLS[column.type.name])
        if column.not_null and self._chance(bad):
            return None
        return self._good_cell(column, 0.2)

    def _good_cell(self, column: Column, nulls: float) -> Cell:
        if not column.not_null and self._chance(nulls):
            return None
        return self._pick(GOOD_CELLS[column.type.name])

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _pick(self, offered: Sequence[T]) -> T:
        return self._random.choice(offered)


def _cell(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


# --- expressions: SQL and the same in Python, null where PostgreSQL says null ---


def _of(columns: Sequence[str], function: Callable[..., object]) -> Callable[[Row], object]:
    def evaluate(row: Row) -> object:
        values = [row[column] for column in columns]
        return None if None in values else function(*values)

    return evaluate


def _divide(b: int) -> int:
    if b == 0:
        raise Raised
    return 10 // b


_GREATER_2 = Expression("(b > 2)", _of(["b"], lambda b: b > 2))
_D_IS_NOT_NULL = Expression("(d IS NOT NULL)", lambda row: row["d"] is not None)
_LOWER_D = Expression("lower(d)", _of(["d"], lambda d: d.lower()))
_TEN_BY_B = Expression("10 / b", _of(["b"], _divide))
_NOT_IMMUTABLE = Expression(
    "b <> 3 OR now() < '2000-01-01'", _of(["b"], lambda b: b != 3), immutable=False
)
CHECKS = (
    Expression("b >= 1", _of(["b"], lambda b: b >= 1)),
    Expression("b <> c", _of(["b", "c"], lambda b, c: b != c)),
    Expression("10 / b >= 2", _of(["b"], lambda b: _divide(b) >= 2)),
    Expression("length(d) < 4 OR c IS NULL", lambda row: row["c"] is None or _short(row["d"])),
)


def _short(d: Value) -> bool | None:
    return None if d is None else len(str(d)) < 4


# --- the tables beside ours ---


def _parent_ddl(reference: Reference, state: State) -> list[str]:
    rows = state.parents[reference.parent]
    types = {"id": "integer", "x": "integer", "y": "text"}
    columns = reference.parent_columns
    lines = ", ".join(f"{column} {types[column]}" for column in columns)
    return [
        f"CREATE TABLE {reference.parent} ({lines}, PRIMARY KEY ({', '.join(columns)}));",
        tables.insert_statement(reference.parent, columns, rows),
    ]


def _child_ddl(reference: Reference, table: Table, state: State) -> list[str]:
    own = ", ".join(
        f"{name} {table.column(parent).type.name}"
        for name, parent in zip(reference.columns, reference.parent_columns, strict=True)
    )
    names = ", ".join(reference.columns)
    parents = ", ".join(reference.parent_columns)
    constraint = f"FOREIGN KEY ({names}) REFERENCES {reference.parent} ({parents})"
    statements = [f"CREATE TABLE child ({own}, CONSTRAINT {reference.name} {constraint});"]
    if state.children:
        statements.append(tables.insert_statement("child", reference.columns, state.children))
    return statements
