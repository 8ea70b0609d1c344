"""Random documents: schemas, contents, files; a seed gives the same scenario everywhere.

Keys and unique values come from small domains, so that documents meet often; what they bring is mostly
sound, for with several rows in each document few would survive otherwise.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Mapping, Sequence
from typing import TypeVar

from tests.model import documents_model, documents_tables, tables
from tests.model.documents_model import DocumentFile, DocumentLoad, Item
from tests.model.documents_tables import DocumentState, Node, Schema
from tests.model.generate import BAD_CELLS, CHECKS, EXTRA_TYPES, GOOD_CELLS, default_duplicates
from tests.model.model import Cell
from tests.model.tables import Column, ColumnType, Reference, Row, Table, Trigger, Unique, Value

T = TypeVar("T")
# How many values there are of the integers of these columns.
DOMAINS = {"k": 9, "id": 30, "n": 4, "code": 8}
OUTSIDE = tuple({"id": number} for number in range(6))
TENANT = 1


@dataclasses.dataclass(frozen=True)
class DocumentScenario:
    seed: int
    kind: str
    schema: Schema
    state: DocumentState
    load: DocumentLoad

    def setup(self) -> list[str]:
        return [tables.DOMAIN_DDL, *documents_tables.ddl(self.schema, self.state)]

    def contract(self) -> str:
        load = self.load
        return documents_tables.contract(
            self.schema, operations=load.mode == "mixed", strict=load.strict
        )

    def arguments(self) -> list[str]:
        load = self.load
        arguments = [file.name for file in load.files]
        arguments += ["--to", self.schema.nodes[0].name, "--contract", "contract.yaml"]
        arguments += ["--mode", load.mode]
        if load.version_column:
            arguments += ["--version-column", load.version_column]
        elif load.duplicates != default_duplicates(load.mode):
            arguments += ["--duplicates", load.duplicates]
        if self.schema.tenant:
            arguments += ["--tenant", f"{self.schema.tenant}={load.tenant}"]
        if load.max_failures is not None:
            arguments += ["--max-failures", str(load.max_failures)]
        if load.mode == "replace":
            arguments += ["--max-removals", "100%"]
        return arguments


def scenario(seed: int) -> DocumentScenario:
    return _Generator(seed).scenario()


class _Generator:
    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._random = random.Random(f"documents {seed}")
        self._bad = 0.0

    def scenario(self) -> DocumentScenario:
        kind = self._pick(["rich"] * 11 + ["server"] * 3 + ["tenant"] * 2 + ["referred"] * 2)
        mode = self._pick(["upsert"] * 6 + ["mixed"] * 3 + ["replace"] * 2 + ["insert", "delete"])
        if kind in ("server", "referred"):
            mode = "upsert"
        schema = self._schema(kind, mode)
        state = self._state(schema)
        return DocumentScenario(self._seed, kind, schema, state, self._load(kind, schema, state, mode))

    # --- tables ---

    def _schema(self, kind: str, mode: str) -> Schema:
        tenant = "tenant" if kind == "tenant" else ""
        shape = self._pick(("c", "c", "cd", "cd", "ce", "ce", "ced"))
        if kind == "referred":
            shape = "ce"
        nodes = [self._root(kind, mode, tenant)]
        for letter in shape:
            parent = 1 if letter == "e" else 0
            nodes.append(self._child(kind, tenant, letter, parent, nodes[parent]))
        if kind == "server":
            return self._with_trigger(Schema(tuple(nodes)))
        if kind == "referred":
            # What a list leaves out is referred to from outside, at the lowest level.
            nodes[-1] = dataclasses.replace(nodes[-1], replaces=True)
            target = nodes[-1].table
            return Schema(tuple(nodes), "", (Reference("call", ("about",), target.name, ("id",)),))
        nodes = self._with_references(nodes, mode, tenant)
        return Schema(tuple(nodes), tenant, self._incoming(nodes, mode, tenant))

    def _root(self, kind: str, mode: str, tenant: str) -> Node:
        key_type = self._pick((tables.INTEGER, tables.INTEGER, tables.TEXT))
        key = (tenant, "k") if tenant else ("k",)
        columns = [Column(tenant, tables.INTEGER, not_null=True)] if tenant else []
        columns += [Column("k", key_type, not_null=True), *self._plain_columns()]
        uniques = self._uniques("r", (tenant,) if tenant else ()) if kind != "server" else ()
        checks = self._checks("r") if kind != "server" else ()
        refers = mode != "replace" and kind == "rich" and self._chance(0.35)
        self_references: tuple[Reference, ...] = ()
        if refers:
            columns.append(Column("p", key_type))
            self_references = (Reference("r_p", ("p",), "r", ("k",)),)
        return Node(
            Table("r", tuple(columns), key, key, uniques, checks, (), self_references)
        )

    def _plain_columns(self) -> list[Column]:
        return [
            Column("b", tables.INTEGER, not_null=self._chance(0.15)),
            Column("c", tables.INTEGER),
            Column("d", tables.TEXT),
            Column("code", tables.INTEGER),
            Column("z", tables.INTEGER, default=3 if self._chance(0.5) else None),
            Column("e0", self._pick(EXTRA_TYPES)),
        ]

    def _uniques(self, table: str, first: tuple[str, ...]) -> tuple[Unique, ...]:
        if self._chance(0.25):
            return ()
        deferrable = self._chance(0.25)
        return (Unique(f"{table}_code", (*first, "code"), deferrable=deferrable),)

    def _checks(self, table: str) -> tuple[tuple[str, tables.Expression], ...]:
        if self._chance(0.6):
            return ()
        return ((f"{table}_check", self._pick(CHECKS)),)

    def _child(self, kind: str, tenant: str, letter: str, parent: int, above: Node) -> Node:
        ties = [
            above.table.column(name) if name == tenant else _renamed(above.table.column(name))
            for name in above.table.key
        ]
        within = self._chance(0.35) and kind != "referred"
        names = tuple(column.name for column in ties)
        columns = [dataclasses.replace(column, not_null=True, default=None) for column in ties]
        if tenant and tenant not in names:
            columns.append(Column(tenant, tables.INTEGER, not_null=True))
        columns.append(Column("n" if within else "id", tables.INTEGER, not_null=True))
        columns += self._plain_columns()
        key = (*names, "n") if within else ("id",)
        first = names if within and self._chance(0.4) else ((tenant,) if tenant else ())
        server = kind == "server"
        references: tuple[Reference, ...] = ()
        if not server and self._chance(0.3):
            columns.append(Column("f", tables.INTEGER))
            references = (Reference(f"{letter}_f", ("f",), "o", ("id",)),)
        table = Table(
            letter,
            tuple(columns),
            key,
            key,
            () if server else self._uniques(letter, first),
            () if server else self._checks(letter),
            references,
        )
        return Node(
            table,
            parent,
            f"{letter}s",
            names,
            replaces=self._chance(0.55),
            alone=self._chance(0.35),
            cascade=self._chance(0.3),
        )

    def _with_references(self, nodes: list[Node], mode: str, tenant: str) -> list[Node]:
        """References into tables of the load, from these tables."""
        if tenant or mode == "replace":
            return nodes
        made = [nodes[0]]
        for node in nodes[1:]:
            table = node.table
            columns, self_references = list(table.columns), table.self_references
            across: tuple[Reference, ...] = ()
            own_id = table.key == ("id",)
            if own_id and self._chance(0.25):
                columns.append(Column("boss", tables.INTEGER))
                self_references = (Reference(f"{table.name}_boss", ("boss",), table.name, ("id",)),)
            target = self._across_target(nodes, node)
            if self._chance(0.4):
                own = target.table.key[0]
                columns.append(Column("x", target.table.column(own).type))
                reference = Reference(f"{table.name}_x", ("x",), target.name, (own,))
                across = (reference,)
            table = dataclasses.replace(
                table, columns=tuple(columns), self_references=self_references
            )
            made.append(dataclasses.replace(node, table=table, across=across))
        return made

    def _across_target(self, nodes: list[Node], node: Node) -> Node:
        siblings: tuple[str, ...] = {"c": (), "d": ("c",), "e": ("d",)}[node.name]
        if node.name == "c" and self._chance(0.5):
            siblings = ("d",)
        # d and c must not refer to each other.
        if node.name == "d" and any(n.name == "c" for n in nodes):
            siblings = ()
        offered = [n for n in nodes if n.name in siblings and n.table.key == ("id",)] * 2
        offered.append(nodes[0])
        return self._pick(offered)

    def _incoming(self, nodes: list[Node], mode: str, tenant: str) -> tuple[Reference, ...]:
        likely = 0.6 if mode in ("mixed", "delete") else 0.3
        if mode == "replace" or tenant or not self._chance(likely):
            return ()
        offered = [n for n in nodes if len(n.table.key) == 1]
        target = self._pick([*offered, *(n for n in offered if n.replaces) , *offered[2:]])
        return (Reference("call", ("about",), target.name, target.table.key),)

    def _with_trigger(self, schema: Schema) -> Schema:
        nodes = list(schema.nodes)
        at = self._random.randrange(len(nodes))
        action = self._pick(("raise", "swallow"))
        table = dataclasses.replace(nodes[at].table, trigger=Trigger(action, "b", 3))
        nodes[at] = dataclasses.replace(nodes[at], table=table)
        return dataclasses.replace(schema, nodes=tuple(nodes))

    # --- what is in the target ---

    def _state(self, schema: Schema) -> DocumentState:
        """Documents that the model lets in one after the other, so that they keep every constraint."""
        none: dict[str, tuple[Row, ...]] = {reference.name: () for reference in schema.incoming}
        state = DocumentState(tuple(() for _ in schema.nodes), {"o": OUTSIDE}, none)
        columns = [list(schema.given(node)) for node in range(len(schema.nodes))]
        for _ in range(self._pick((0, 3, 6, 9))):
            tenant = self._pick((TENANT, TENANT, 2)) if schema.tenant else None
            item = self._item(schema, state, columns, 0, None, {})
            load = DocumentLoad("upsert", (DocumentFile("state", (item,)),), tenant=tenant)
            result = documents_model.run(schema, state, load)
            if not result.codes:
                state = dataclasses.replace(state, rows=tuple(map(tuple, result.rows)))
        referrers = {}
        for reference in schema.incoming:
            held = state.rows[schema.node_of(reference.parent)]
            chosen = self._random.sample(held, (len(held) + 1) // 3)
            referrers[reference.name] = tuple(
                dict(zip(reference.columns, tables.values_of(row, reference.parent_columns)))
                for row in chosen
            )
        return dataclasses.replace(state, referrers=referrers)

    # --- what is loaded ---

    def _load(
        self, kind: str, schema: Schema, state: DocumentState, mode: str
    ) -> DocumentLoad:
        load = DocumentLoad(
            mode,
            (),
            duplicates=default_duplicates(mode),
            tenant=TENANT if schema.tenant else None,
        )
        if mode not in ("delete", "mixed") and self._chance(0.3):
            load = dataclasses.replace(load, duplicates=self._pick(("last", "first", "reject")))
        if mode in ("upsert", "insert") and self._chance(0.22):
            load = dataclasses.replace(load, duplicates="highest_version", version_column="c")
        if mode == "mixed" and not schema.tenant:
            load = dataclasses.replace(load, strict=self._chance(0.25))
        formats = self._pick((["ndjson"], ["json"], ["ndjson", "json"], ["parquet"]))
        if formats != ["parquet"]:
            self._bad = self._pick((0.0, 0.02, 0.04))
        may_fail = mode != "replace" or self._bad == 0.0
        if may_fail and self._chance(0.2 if mode != "replace" else 0.7):
            most = (1, 3, 10, 10) if mode == "replace" else (0, 1, 3, 10)
            load = dataclasses.replace(load, max_failures=self._pick(most))
        columns = self._columns(schema, load)
        files = []
        number_of_files = self._pick((1, 1, 2))
        for number in range(number_of_files):
            sparse = number_of_files == 1 and formats != ["parquet"] and self._chance(0.3)
            files.append(
                self._file(schema, state, load, columns, number, self._pick(formats), sparse)
            )
        return dataclasses.replace(load, files=tuple(files))

    def _columns(self, schema: Schema, load: DocumentLoad) -> list[list[str]]:
        """What all files of the load bring, by table."""
        chosen = []
        for node, at in enumerate(schema.nodes):
            needed = {*at.table.key, schema.tenant}
            if node == 0:
                needed.add(load.version_column)
            needed |= {column.name for column in at.table.columns if column.not_null}
            columns = [
                name for name in schema.given(node) if name in needed or not self._chance(0.1)
            ]
            if load.mode == "delete" and node == 0 and self._chance(0.5):
                columns = list(at.table.key)
            if load.mode == "mixed" and node == 0:
                columns.append("op")
            chosen.append(columns)
        return chosen

    def _file(
        self,
        schema: Schema,
        state: DocumentState,
        load: DocumentLoad,
        columns: list[list[str]],
        number: int,
        file_format: str,
        sparse: bool,
    ) -> DocumentFile:
        ordered = [self._random.sample(names, len(names)) for names in columns]
        documents = []
        for _ in range(self._pick((1, 3, 5, 8))):
            held = None
            if state.rows[0] and self._chance(0.6):
                held = self._pick(state.rows[0])
            item = self._item(schema, state, ordered, 0, held, held or {}, version=load.version_column)
            documents.append(self._sparse(schema, item, load) if sparse else item)
        stated = None
        if file_format == "parquet":
            stated = tuple(map(tuple, ordered))
        return DocumentFile(f"documents{number}.{file_format}", tuple(documents), stated)

    def _item(
        self,
        schema: Schema,
        state: DocumentState,
        columns: Sequence[Sequence[str]],
        node: int,
        held: Row | None,
        above: Mapping[str, Value],
        version: str = "",
    ) -> Item:
        table = schema.nodes[node].table
        cells = dict[str, Cell]()
        for name in columns[node]:
            if name == "op":
                bad = self._chance(self._bad)
                cells[name] = "X" if bad else self._pick(("I", "U", "U", "U", "D"))
                continue
            column = table.column(name)
            kept = held is not None and (name in table.key or self._chance(0.6))
            if kept and held is not None:
                cells[name] = _cell(held[name])
            else:
                cells[name] = self._any_cell(
                    schema, node, column, state=state, required=name == version
                )
        lists = dict[int, tuple[Item | None, ...] | None]()
        for child in schema.children(node):
            items = self._list(schema, state, columns, child, held)
            if items != "absent":
                lists[child] = items  # type: ignore[assignment]
        return Item(cells, lists)

    def _list(
        self,
        schema: Schema,
        state: DocumentState,
        columns: Sequence[Sequence[str]],
        node: int,
        above: Row | None,
    ) -> tuple[Item | None, ...] | None | str:
        kind = self._pick(("absent", "null", "empty", *["full"] * 6))
        if kind == "absent":
            return "absent"
        if kind == "null":
            return None
        if kind == "empty":
            return ()
        own = []
        if above is not None:
            ties = schema.tie(node)
            own = [r for r in state.rows[node] if all(r[c] == above[p] for c, p in ties)]
        items: list[Item | None] = []
        for _ in range(self._pick((1, 1, 2, 3))):
            held = None
            if own and self._chance(0.65):
                held = self._pick(own)
            elif state.rows[node] and self._chance(0.08):
                held = self._pick(state.rows[node])
            if self._chance(self._bad / 3):
                items.append(None)
                continue
            items.append(self._item(schema, state, columns, node, held, held or {}))
        if items and self._chance(0.05):
            items.append(items[0])
        return tuple(items)

    def _sparse(self, schema: Schema, item: Item, load: DocumentLoad, node: int = 0) -> Item:
        """Nulls that are not stated."""
        table = schema.nodes[node].table
        cells = {
            name: cell
            for name, cell in item.cells.items()
            if cell is not None
            or name == "op"
            or name == load.version_column
            or name in table.key
            or table.column(name).not_null
            or self._chance(0.5)
        }
        lists = {
            child: None
            if items is None
            else tuple(
                None if below is None else self._sparse(schema, below, load, child)
                for below in items
            )
            for child, items in item.lists.items()
        }
        return Item(cells, lists)

    def _any_cell(
        self,
        schema: Schema,
        node: int,
        column: Column,
        *,
        state: DocumentState | None = None,
        required: bool = False,
    ) -> Cell:
        if self._chance(self._bad) and column.type.name in BAD_CELLS:
            return self._pick(BAD_CELLS[column.type.name])
        if (column.not_null or required) and self._chance(self._bad / 2):
            return None
        name = column.name
        if name == schema.tenant:
            return str(self._pick((TENANT, 2)))
        if name in DOMAINS and column.type is tables.INTEGER:
            if name == "code" and self._chance(0.3):
                return None
            return str(self._random.randrange(DOMAINS[name]))
        if name in ("p", "x", "boss"):
            return self._reference_cell(schema, node, column, state)
        if column.not_null or required or self._chance(0.85):
            return self._good_cell(column.type)
        return None

    def _reference_cell(
        self, schema: Schema, node: int, column: Column, state: DocumentState | None
    ) -> Cell:
        """Mostly null, or to a row that the target has."""
        if self._chance(0.35):
            return None
        at = schema.nodes[node]
        for reference in (*at.table.self_references, *at.across):
            target = schema.node_of(reference.parent)
            if reference.columns == (column.name,) and state and state.rows[target]:
                if self._chance(0.65):
                    row = self._pick(state.rows[target])
                    return _cell(row[reference.parent_columns[0]])
        return self._good_cell(column.type)

    def sound_cells(self, schema: Schema, names: Sequence[str]) -> dict[str, Cell]:
        columns = [schema.nodes[0].table.column(name) for name in names]
        return {
            column.name: self._any_cell(schema, 0, column, required=True) for column in columns
        }

    def _good_cell(self, kind: ColumnType) -> str:
        return self._pick(GOOD_CELLS[kind.name])

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _pick(self, offered: Sequence[T]) -> T:
        return self._random.choice(offered)


class Repairs:
    """Documents that stand for failed ones: without lists, and as sound as can be guessed."""

    def __init__(self, scenario: DocumentScenario) -> None:
        self._scenario = scenario
        self._generator = _Generator(scenario.seed)

    def document(self, state: DocumentState) -> Item:
        scenario = self._scenario
        names = scenario.schema.given(0)
        cells = self._generator.sound_cells(scenario.schema, names)
        if scenario.load.mode == "mixed":
            held = {tables.values_of(row, ("k",)) for row in state.rows[0]}
            there = any(_cell(key) == cells["k"] for (key,) in held)
            cells["op"] = "U" if there else "I"
        return Item(cells, {})


def _renamed(column: Column) -> Column:
    """A column of the parent's key, as the child calls it."""
    name = column.name if column.name.startswith("u_") else f"u_{column.name}"
    return dataclasses.replace(column, name=name)


def _cell(value: Value) -> Cell:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
