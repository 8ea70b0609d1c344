"""Tables as the model knows them: columns, constraints, expressions, and the DDL that makes them.

Nothing here is read from PostgreSQL or from eclusa: a table is what the generator says that it is,
and the DDL says the same to the server.
"""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import uuid
from collections.abc import Callable, Mapping, Sequence

Value = int | str | bool | decimal.Decimal | uuid.UUID | datetime.date | None
Row = Mapping[str, Value]


class Raised(Exception):
    """An expression of the user that cannot be evaluated for this row (10 / 0)."""


class BadText(Exception):
    """A cell that is no value of its column's type; `code` is the reason."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclasses.dataclass(frozen=True)
class ColumnType:
    name: str  # as DDL says it
    parse: Callable[[str], Value]
    domain_check: Callable[[Value], bool] | None = None  # of values that are not null


@dataclasses.dataclass(frozen=True)
class Column:
    name: str
    type: ColumnType
    not_null: bool = False
    default: Value = None


@dataclasses.dataclass(frozen=True)
class Expression:
    """SQL over the table's columns, and the same in Python: None is null, Raised is an error."""

    sql: str
    evaluate: Callable[[Row], object]
    immutable: bool = True


@dataclasses.dataclass(frozen=True)
class Unique:
    name: str
    columns: tuple[str, ...]
    expression: Expression | None = None  # in place of columns
    predicate: Expression | None = None
    nulls_not_distinct: bool = False
    deferrable: bool = False

    def covers(self, row: Row) -> bool:
        """Whether the row is in the index at all; Raised where that cannot be said."""
        return self.predicate is None or self.predicate.evaluate(row) is True

    def value(self, row: Row) -> tuple[object, ...] | None:
        """What must be unique; None where nulls keep the row out of the comparison."""
        if not self.covers(row):
            return None
        if self.expression is not None:
            parts: tuple[object, ...] = (self.expression.evaluate(row),)
        else:
            parts = tuple(row[column] for column in self.columns)
        if not self.nulls_not_distinct and any(part is None for part in parts):
            return None
        return parts

    def ddl(self, table: str) -> str:
        nulls = " NULLS NOT DISTINCT" if self.nulls_not_distinct else ""
        if self.expression is None and self.predicate is None:
            deferrable = " DEFERRABLE" if self.deferrable else ""
            return (
                f"ALTER TABLE {table} ADD CONSTRAINT {self.name} UNIQUE{nulls}"
                f" ({', '.join(self.columns)}){deferrable};"
            )
        parts = f"({self.expression.sql})" if self.expression else ", ".join(self.columns)
        where = f" WHERE {self.predicate.sql}" if self.predicate else ""
        return f"CREATE UNIQUE INDEX {self.name} ON {table} ({parts}){nulls}{where};"


@dataclasses.dataclass(frozen=True)
class Reference:
    """A foreign key, MATCH SIMPLE, NO ACTION."""

    name: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Trigger:
    """BEFORE INSERT OR UPDATE, for each row whose column has the value."""

    action: str  # raise, swallow
    column: str
    value: int


@dataclasses.dataclass(frozen=True)
class Table:
    name: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]  # empty: none
    key: tuple[str, ...]  # what rows are matched by; empty: nothing
    uniques: tuple[Unique, ...] = ()
    checks: tuple[tuple[str, Expression], ...] = ()
    references: tuple[Reference, ...] = ()  # to other tables
    self_references: tuple[Reference, ...] = ()
    incoming: tuple[Reference, ...] = ()  # of the table `child`; parent_columns are ours
    trigger: Trigger | None = None
    partitions: tuple[tuple[int, int], ...] = ()  # ranges of `partition_column`
    partition_column: str = ""

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def unique_keys(self) -> tuple[Unique, ...]:
        """All of them, the primary key too."""
        if not self.primary_key:
            return self.uniques
        return (Unique(f"{self.name}_pkey", self.primary_key), *self.uniques)

    def ddl(self) -> list[str]:
        lines = []
        for column in self.columns:
            line = f"  {column.name} {column.type.name}"
            line += " NOT NULL" if column.not_null else ""
            line += f" DEFAULT {literal(column.default)}" if column.default is not None else ""
            lines.append(line)
        if self.primary_key:
            lines.append(f"  PRIMARY KEY ({', '.join(self.primary_key)})")
        lines += [f"  CONSTRAINT {name} CHECK ({check.sql})" for name, check in self.checks]
        by = f" PARTITION BY RANGE ({self.partition_column})" if self.partitions else ""
        statements = [f"CREATE TABLE {self.name} (\n" + ",\n".join(lines) + f"\n){by};"]
        statements += [
            f"CREATE TABLE {self.name}_{low} PARTITION OF {self.name}"
            f" FOR VALUES FROM ({low}) TO ({high});"
            for low, high in self.partitions
        ]
        statements += [unique.ddl(self.name) for unique in self.uniques]
        for reference in (*self.references, *self.self_references):
            statements.append(
                f"ALTER TABLE {self.name} ADD CONSTRAINT {reference.name} FOREIGN KEY"
                f" ({', '.join(reference.columns)}) REFERENCES {reference.parent}"
                f" ({', '.join(reference.parent_columns)});"
            )
        return statements

    def trigger_ddl(self) -> list[str]:
        if self.trigger is None:
            return []
        body = "RAISE EXCEPTION 'no'" if self.trigger.action == "raise" else "RETURN NULL"
        column, value = self.trigger.column, self.trigger.value
        function = f"BEGIN IF NEW.{column} = {value} THEN {body}; END IF; RETURN NEW; END"
        timing = f"BEFORE INSERT OR UPDATE ON {self.name} FOR EACH ROW"
        return [
            f"CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS $$ {function} $$;",
            f"CREATE TRIGGER guard {timing} EXECUTE FUNCTION guard();",
        ]


def values_of(row: Row, columns: Sequence[str]) -> tuple[Value, ...]:
    return tuple(row[column] for column in columns)


def image(value: Value) -> tuple[str, str]:
    """What makes a value the same to the last bit: 1.0 and 1.00 are not."""
    return (type(value).__name__, str(value))


def literal(value: Value) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | decimal.Decimal):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


def insert_statement(table: str, columns: Sequence[str], rows: Sequence[Row]) -> str:
    lines = [
        "  (" + ", ".join(literal(value) for value in values_of(row, columns)) + ")" for row in rows
    ]
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES\n" + ",\n".join(lines) + ";"


def _integer(text: str) -> Value:
    try:
        number = int(text)
    except ValueError:
        raise BadText("type.integer") from None
    if not -(2**31) <= number < 2**31:
        raise BadText("number.overflow")
    return number


def _decimal(text: str) -> decimal.Decimal:
    try:
        return decimal.Decimal(text)
    except decimal.InvalidOperation:
        raise BadText("type.decimal") from None


def _decimal_6_2(text: str) -> Value:
    number = _decimal(text)
    rounded = number.quantize(decimal.Decimal("0.01"))
    if rounded != number:
        raise BadText("number.scale")
    if abs(rounded) >= 10**4:
        raise BadText("number.overflow")
    return rounded


def _varchar_3(text: str) -> Value:
    if len(text) > 3:
        raise BadText("value.too_long")
    return text


def _uuid(text: str) -> Value:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise BadText("type.uuid") from None


def _boolean(text: str) -> Value:
    if text not in ("true", "false"):
        raise BadText("type.boolean")
    return text == "true"


def _date(text: str) -> Value:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise BadText("type.date") from None


INTEGER = ColumnType("integer", _integer)
TEXT = ColumnType("text", str)
VARCHAR = ColumnType("varchar(3)", _varchar_3)
NUMERIC = ColumnType("numeric", _decimal)
NUMERIC_6_2 = ColumnType("numeric(6,2)", _decimal_6_2)
UUID = ColumnType("uuid", _uuid)
BOOLEAN = ColumnType("boolean", _boolean)
DATE = ColumnType("date", _date)
SMALL = ColumnType(
    "small", _integer, domain_check=lambda value: isinstance(value, int) and value < 6
)
DOMAIN_DDL = "CREATE DOMAIN small AS integer CHECK (VALUE < 6);"
