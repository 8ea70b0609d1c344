"""Tables of documents: a tree of them, how each hangs on the one above, the DDL and the contract.

As in tables.py, nothing here is read from PostgreSQL or from eclusa.
"""

from __future__ import annotations

import dataclasses

from tests.model.tables import Reference, Row, Table, Value, insert_statement, values_of

Key = tuple[Value, ...]


@dataclasses.dataclass(frozen=True)
class Node:
    """One table of a document; the first is the document's own."""

    table: Table  # its references lead out of the load, its self references into itself
    parent: int = -1  # a node
    list_name: str = ""
    parent_columns: tuple[str, ...] = ()  # hold the key of what the list hangs on
    replaces: bool = False  # rows that a list leaves out go
    alone: bool = False  # a failed row fails itself and what hangs on it
    cascade: bool = False  # ON DELETE CASCADE on the reference to the parent
    across: tuple[Reference, ...] = ()  # to other tables of the load, beside the tie

    @property
    def name(self) -> str:
        return self.table.name


@dataclasses.dataclass(frozen=True)
class Schema:
    nodes: tuple[Node, ...]  # parents before children
    tenant: str = ""  # a column of every table, first in its key
    incoming: tuple[Reference, ...] = ()  # `name` is the table outside that holds it

    def children(self, node: int) -> list[int]:
        return [child for child, other in enumerate(self.nodes) if other.parent == node]

    def node_of(self, table: str) -> int:
        return next(i for i, node in enumerate(self.nodes) if node.name == table)

    def path(self, node: int) -> str:
        """"contacts.emails", as the report calls the list."""
        at = self.nodes[node]
        above = self.path(at.parent) if at.parent > 0 else ""
        return f"{above}.{at.list_name}" if above else at.list_name

    def tie(self, node: int) -> list[tuple[str, str]]:
        """Column of the child, column of the parent."""
        at = self.nodes[node]
        key = self.nodes[at.parent].table.key
        return list(zip(at.parent_columns, key, strict=True))

    def given(self, node: int) -> tuple[str, ...]:
        """Columns that a file may bring."""
        at = self.nodes[node]
        return tuple(
            name
            for name in at.table.names()
            if name not in at.parent_columns and (node == 0 or name != self.tenant)
        )


@dataclasses.dataclass(frozen=True)
class DocumentState:
    """What the database holds: the load's tables, those that they refer to, those that refer."""

    rows: tuple[tuple[Row, ...], ...]  # by node
    outside: dict[str, tuple[Row, ...]]
    referrers: dict[str, tuple[Row, ...]]  # by the name of the incoming reference


def ddl(schema: Schema, state: DocumentState) -> list[str]:
    statements = []
    for name, rows in state.outside.items():
        statements.append(f"CREATE TABLE {name} (id integer PRIMARY KEY);")
        statements.append(insert_statement(name, ("id",), rows))
    for index, node in enumerate(schema.nodes):
        statements += node.table.ddl()
        if index > 0:
            parent = schema.nodes[node.parent].table
            statements.append(
                f"ALTER TABLE {node.name} ADD CONSTRAINT {node.name}_tie FOREIGN KEY"
                f" ({', '.join(node.parent_columns)}) REFERENCES {parent.name}"
                f" ({', '.join(parent.key)}){' ON DELETE CASCADE' if node.cascade else ''};"
            )
    for index, node in enumerate(schema.nodes):
        if state.rows[index]:
            statements.append(insert_statement(node.name, node.table.names(), state.rows[index]))
    for node in schema.nodes:
        statements += [_reference_ddl(node.name, reference) for reference in node.across]
    for reference in schema.incoming:
        statements += _referrer_ddl(schema, reference, state.referrers[reference.name])
    for node in schema.nodes:
        statements += node.table.trigger_ddl()
    return statements


def _reference_ddl(table: str, reference: Reference) -> str:
    return (
        f"ALTER TABLE {table} ADD CONSTRAINT {reference.name} FOREIGN KEY"
        f" ({', '.join(reference.columns)}) REFERENCES {reference.parent}"
        f" ({', '.join(reference.parent_columns)});"
    )


def _referrer_ddl(schema: Schema, reference: Reference, rows: tuple[Row, ...]) -> list[str]:
    parent = schema.nodes[schema.node_of(reference.parent)].table
    own = ", ".join(
        f"{name} {parent.column(other).type.name}"
        for name, other in zip(reference.columns, reference.parent_columns, strict=True)
    )
    constraint = (
        f"FOREIGN KEY ({', '.join(reference.columns)}) REFERENCES {reference.parent}"
        f" ({', '.join(reference.parent_columns)})"
    )
    statements = [f"CREATE TABLE {reference.name} ({own}, {constraint});"]
    if rows:
        statements.append(insert_statement(reference.name, reference.columns, rows))
    return statements


def referrers_of(
    reference: Reference, row: Row, rows: tuple[Row, ...] | list[Row]
) -> list[Row]:
    wanted = values_of(row, reference.parent_columns)
    if None in wanted:
        return []
    return [other for other in rows if values_of(other, reference.columns) == wanted]


# --- the contract ---

LOGICAL = {"integer": "integer", "small": "integer", "boolean": "boolean", "date": "date"}


def contract(schema: Schema, *, operations: bool = False, strict: bool = False) -> str:
    """Says of the tables what they say themselves, and how they hang together."""
    words = [("eclusa.operationColumn", "op")] if operations else []
    if strict:
        words.append(("eclusa.strictOperations", "true"))
    if schema.tenant:
        words.append(("eclusa.tenantColumns", f"[{schema.tenant}]"))
    lines = [
        "apiVersion: v3.1.0",
        "kind: DataContract",
        "id: urn:eclusa:model",
        "name: model",
        "version: 1.0.0",
        "status: active",
        "schema:",
        f"  - name: {schema.nodes[0].name}",
        "    logicalType: object",
        f"    physicalName: {schema.nodes[0].name}",
        *_custom(words, "    "),
        "    properties:",
        *_properties(schema, 0, "      "),
    ]
    return "\n".join(lines) + "\n"


def _custom(words: list[tuple[str, str]], indent: str) -> list[str]:
    if not words:
        return []
    lines = [f"{indent}  - {{property: {name}, value: {value}}}" for name, value in words]
    return [f"{indent}customProperties:", *lines]


def _properties(schema: Schema, node: int, indent: str) -> list[str]:
    table = schema.nodes[node].table
    own_key = [name for name in table.key if name in schema.given(node)]
    lines = []
    for name in schema.given(node):
        column = table.column(name)
        kind = column.type.name
        logical = LOGICAL.get(kind, "number" if "num" in kind else "string")
        words = [f"name: {name}", f"logicalType: {logical}"]
        if name in own_key:
            words += ["primaryKey: true", f"primaryKeyPosition: {own_key.index(name) + 1}"]
        if column.not_null:
            words.append("required: true")
        lines.append(f"{indent}- {{{', '.join(words)}}}")
    for child in schema.children(node):
        at = schema.nodes[child]
        custom = [("eclusa.parentColumns", f"[{', '.join(at.parent_columns)}]")]
        if at.replaces:
            custom.append(("eclusa.children", "replace"))
        if at.alone:
            custom.append(("eclusa.onChildFailure", "itself"))
        lines += [
            f"{indent}- name: {at.list_name}",
            f"{indent}  logicalType: array",
            f"{indent}  items:",
            f"{indent}    logicalType: object",
            f"{indent}    physicalName: {at.name}",
            *_custom(custom, indent + "    "),
            f"{indent}    properties:",
            *_properties(schema, child, indent + "      "),
        ]
    return lines
