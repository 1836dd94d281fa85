"""Which tables and columns a SELECT may read, by DuckDB's own parser.

Telling DuckDB of a column costs more than reading it from a small table, and a table of a
programme's parameters has a hundred. So a statement is parsed once (``json_serialize_sql``) and
its tree is walked:

    a column name      read, in whatever table it stands
    a star, COLUMNS(), NATURAL JOIN, a renamed column list, a whole row (``SELECT t FROM t``)
                       every column of the tables it stands for
    a name of a CTE    no table, where that CTE is in scope

What the walk does not know (PIVOT, SUMMARIZE, ``#1``, a table function that may read a table)
reads everything: the answer may be too large, never too small.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

_QUERIES = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"}
_SOURCES = {"BASE_TABLE", "JOIN", "SUBQUERY", "TABLE_FUNCTION", "EXPRESSION_LIST", "EMPTY"}
_PURE_FUNCTIONS = {"unnest", "range", "generate_series"}  # table functions that read no table


@dataclass(frozen=True)
class Reads:
    """What a statement may read; names are in lower case.

    ``tables`` and ``whole`` (tables read with all their columns) are None where that could not
    be determined; ``columns`` are the names of columns that occur anywhere.
    """

    tables: frozenset[str] | None = None
    whole: frozenset[str] | None = None
    columns: frozenset[str] = frozenset()

    def reads_table(self, name: str) -> bool:
        return self.tables is None or name.lower() in self.tables

    def columns_of(self, table: str, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Those of a table's ``columns`` that may be read, in order; never none of them."""
        if self.whole is None or table.lower() in self.whole:
            return columns
        return tuple(c for c in columns if c.lower() in self.columns) or columns[:1]


def reads_of(serialised: str) -> Reads:
    """What a statement may read, from what ``json_serialize_sql`` gave for it."""
    tree = json.loads(serialised)
    if tree["error"]:  # no SELECT, or wrong: DuckDB says so itself when it is asked
        return Reads()
    walk = _Walk()
    for one in tree["statements"]:
        walk.query(one["node"], frozenset())
    return walk.reads()


@dataclass
class _Walk:
    tables: set[str] = field(default_factory=set)
    whole: set[str] = field(default_factory=set)
    columns: set[str] = field(default_factory=set)
    aliases: dict[str, set[str]] = field(default_factory=dict)  # name in use -> tables
    last_parts: set[str] = field(default_factory=set)  # of column names: they may name a row
    unknown: bool = False

    def reads(self) -> Reads:
        if self.unknown:
            return Reads()
        for name in self.last_parts & self.aliases.keys():
            self.whole |= self.aliases[name]
        return Reads(frozenset(self.tables), frozenset(self.whole), frozenset(self.columns))

    def query(self, node: dict[str, Any], ctes: frozenset[str], exists: bool = False) -> None:
        """A query with the ``ctes`` in scope; of EXISTS nothing is asked but whether there is a row."""
        for entry in node["cte_map"]["map"]:
            name = entry["key"].lower()
            recursive = entry["value"]["query_node"]["type"] == "RECURSIVE_CTE_NODE"
            self.value(entry["value"], ctes | {name} if recursive else ctes, {})
            ctes |= {name}
        if node["type"] not in _QUERIES:
            self.unknown = True
        source = node.get("from_table")
        visible = {} if source is None else self.sources(source, ctes)
        selected = node.get("select_list", [])
        if exists:
            selected = [item for item in selected if item["type"] != "STAR"]
        self.value(selected, ctes, visible)
        for key, value in node.items():
            if key not in ("cte_map", "from_table", "select_list"):
                self.value(value, ctes, visible)

    def sources(self, node: dict[str, Any], ctes: frozenset[str]) -> dict[str, str]:
        """{name in use: table} of what stands in a FROM; subqueries and CTEs are no tables."""
        kind = node["type"]
        if kind == "JOIN":
            visible = self.sources(node["left"], ctes) | self.sources(node["right"], ctes)
            self.columns |= {name.lower() for name in node["using_columns"]}
            if node["ref_type"] == "NATURAL":
                self.whole |= set(visible.values())
            for key, value in node.items():
                if key not in ("left", "right"):
                    self.value(value, ctes, visible)
            return visible
        if kind == "BASE_TABLE":
            return self.base_table(node, ctes)
        function = node.get("function", {}).get("function_name", "")
        if kind not in _SOURCES or (kind == "TABLE_FUNCTION" and function not in _PURE_FUNCTIONS):
            self.unknown = True
        for value in node.values():
            self.value(value, ctes, {})
        return {}

    def base_table(self, node: dict[str, Any], ctes: frozenset[str]) -> dict[str, str]:
        table = node["table_name"].lower()
        if table in ctes and not node["schema_name"]:
            return {}
        used = (node["alias"] or table).lower()
        self.tables.add(table)
        self.aliases.setdefault(used, set()).add(table)
        if node["column_name_alias"]:  # renamed by position
            self.whole.add(table)
        return {used: table}

    def value(self, value: Any, ctes: frozenset[str], visible: dict[str, str]) -> None:
        """Any part of the tree; ``here`` are the tables that a star in it stands for."""
        if isinstance(value, list):
            for item in value:
                self.value(item, ctes, visible)
        if not isinstance(value, dict):
            return
        kind = value.get("type")
        if kind in _QUERIES:
            self.query(value, ctes)
        elif kind == "SUBQUERY" and "subquery_type" in value:
            self.subquery(value, ctes, visible)
        elif kind in _SOURCES:
            self.sources(value, ctes)
        else:
            self.expression(value, visible)
            for item in value.values():
                self.value(item, ctes, visible)

    def subquery(
        self, value: dict[str, Any], ctes: frozenset[str], visible: dict[str, str]
    ) -> None:
        self.query(
            value["subquery"]["node"], ctes, exists=value["subquery_type"].endswith("EXISTS")
        )
        self.value(value.get("child"), ctes, visible)

    def expression(self, value: dict[str, Any], visible: dict[str, str]) -> None:
        kind = value.get("type")
        if kind == "COLUMN_REF":
            parts = [part.lower() for part in value["column_names"]]
            self.columns |= set(parts)
            self.last_parts.add(parts[-1])
        elif kind == "STAR":
            only = value["relation_name"].lower()
            self.whole |= {t for used, t in visible.items() if only in ("", used)}
        elif kind in ("POSITIONAL_REFERENCE", "PIVOT", "SHOW_REF"):
            self.unknown = True
