"""Tells a scenario of documents in full, and makes one that differs as small as it can be."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import psycopg

from tests.model import documents_files, documents_model, tables
from tests.model.compare import Difference
from tests.model.documents_compare import Comparer
from tests.model.documents_generate import DocumentScenario
from tests.model.documents_model import Item
from tests.model.documents_tables import DocumentState, Node, Schema


def describe(scenario: DocumentScenario) -> str:
    """SQL, contract, files and a command line, with the model's verdicts."""
    schema = scenario.schema
    result = documents_model.run(schema, scenario.state, scenario.load)
    lines = [f"seed {scenario.seed}, {scenario.kind}", *scenario.setup(), ""]
    for node in schema.nodes[1:]:
        lines.append(f"{node.list_name}: replace={node.replaces} itself={node.alone}")
    for number, file in enumerate(scenario.load.files):
        lines += ["", file.name]
        for index, document in enumerate(file.documents, start=1):
            codes = sorted(result.codes.get((number, index), ()))
            lines.append(documents_files.json_text(schema, document))
            if codes:
                lines.append(f"    {index}: " + ", ".join(f"{p} {c}" for p, c in codes))
    lines += ["", "eclusa load " + " ".join(scenario.arguments())]
    lines.append(f"expected exit {result.exit}, {result.outcomes}, {result.rounds} rounds")
    for node, rows in zip(schema.nodes, result.rows, strict=True):
        names = node.table.names()
        lines += [f"  {node.name}: {tables.values_of(row, names)}" for row in rows]
    return "\n".join(lines)


def shrink(comparer: Comparer, scenario: DocumentScenario) -> DocumentScenario:
    """Takes away what can go while the difference stays: the same kind of difference."""

    def difference(candidate: DocumentScenario) -> str:
        try:
            comparer.compare(candidate)
        except Difference as found:
            return str(found).split(":")[0].split()[0]
        except (AssertionError, psycopg.Error):
            return "something else"
        return ""

    wanted = difference(scenario)
    smaller = bool(wanted)
    while smaller:
        smaller = False
        for candidate in _smaller(scenario):
            if difference(candidate) == wanted:
                scenario, smaller = candidate, True
                break
    return scenario


def _smaller(scenario: DocumentScenario) -> Iterator[DocumentScenario]:
    load = scenario.load
    for number, file in enumerate(load.files):
        if len(load.files) > 1:
            files = load.files[:number] + load.files[number + 1 :]
            yield dataclasses.replace(scenario, load=dataclasses.replace(load, files=files))
        for index, document in enumerate(file.documents):
            for candidate in _less(document):
                kept = () if candidate is None else (candidate,)
                documents = file.documents[:index] + kept + file.documents[index + 1 :]
                if not documents:
                    continue
                changed = dataclasses.replace(file, documents=documents)
                files = load.files[:number] + (changed,) + load.files[number + 1 :]
                yield dataclasses.replace(scenario, load=dataclasses.replace(load, files=files))
    for state in _fewer_rows(scenario.schema, scenario.state):
        yield dataclasses.replace(scenario, state=state)
    for schema in _simpler(scenario.schema):
        yield dataclasses.replace(scenario, schema=schema)


def _less(item: Item) -> Iterator[Item | None]:
    """Without the whole, without a list, without an item; at last with nulls."""
    yield None
    for child, items in item.lists.items():
        lists = {key: value for key, value in item.lists.items() if key != child}
        yield dataclasses.replace(item, lists=lists)
        for index, below in enumerate(items or ()):
            for less in [None] if below is None else _less(below):
                kept = () if less is None else (less,)
                assert items is not None
                fewer = items[:index] + kept + items[index + 1 :]
                yield dataclasses.replace(item, lists={**item.lists, child: fewer})


def _fewer_rows(schema: Schema, state: DocumentState) -> Iterator[DocumentState]:
    for name, rows in state.referrers.items():
        for index in range(len(rows)):
            referrers = {**state.referrers, name: rows[:index] + rows[index + 1 :]}
            yield dataclasses.replace(state, referrers=referrers)
    for node, rows in enumerate(state.rows):
        for index in range(len(rows)):
            fewer = rows[:index] + rows[index + 1 :]
            changed = (*state.rows[:node], fewer, *state.rows[node + 1 :])
            candidate = dataclasses.replace(state, rows=changed)
            if _stands(schema, candidate):
                yield candidate


def _stands(schema: Schema, state: DocumentState) -> bool:
    """Whether nobody refers to what is gone."""
    wanted: list[tuple[tables.Row, int, tuple[str, ...], tuple[str, ...]]] = []
    for number, node in enumerate(schema.nodes):
        for row in state.rows[number]:
            if number > 0:
                key = schema.nodes[node.parent].table.key
                wanted.append((row, node.parent, node.parent_columns, key))
            for reference in (*node.table.self_references, *node.across):
                target = schema.node_of(reference.parent)
                wanted.append((row, target, reference.columns, reference.parent_columns))
    for reference in schema.incoming:
        target = schema.node_of(reference.parent)
        for row in state.referrers[reference.name]:
            wanted.append((row, target, reference.columns, reference.parent_columns))
    return all(
        None in tables.values_of(row, columns)
        or any(
            tables.values_of(row, columns) == tables.values_of(other, parents)
            for other in state.rows[target]
        )
        for row, target, columns, parents in wanted
    )


def _simpler(schema: Schema) -> Iterator[Schema]:
    """Without a constraint."""
    for number, node in enumerate(schema.nodes):
        for changed in _simpler_nodes(node):
            nodes = (*schema.nodes[:number], changed, *schema.nodes[number + 1 :])
            yield dataclasses.replace(schema, nodes=nodes)
    if schema.incoming:
        yield dataclasses.replace(schema, incoming=())


def _simpler_nodes(node: Node) -> Iterator[Node]:
    table = node.table
    for word in ("uniques", "checks", "references", "self_references"):
        if getattr(table, word):
            yield dataclasses.replace(node, table=dataclasses.replace(table, **{word: ()}))
    if node.across:
        yield dataclasses.replace(node, across=())
    for word in ("replaces", "alone", "cascade"):
        if getattr(node, word):
            yield dataclasses.replace(node, **{word: False})
