"""A declared scope as rows: for one claim, and for the partitions of a cluster.

Rules and features declare what they may look at (:mod:`fraud_pipeline.schema.scope`). Here it is
said once which rows of each input table that is. The words "own claims" mean the claims answered
for: one claim and the others of its enterprise, or the claims of one partition. How rows are
picked (Arrow in memory, joins in Spark) is behind :class:`Selection`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.features.catalogue import FEATURES, Feature
from fraud_pipeline.programmes.rule import Rule
from fraud_pipeline.programmes.rules import ALL_RULES
from fraud_pipeline.schema import Tables
from fraud_pipeline.schema.inputs import INPUT_TABLES
from fraud_pipeline.schema.scope import Level, Scope

# Place a claim under the rules of its class of voucher and its region: in every partition.
BASE_TABLES = ("claims", "vouchers", "enterprises")
NEAR = (Level.CLAIM, Level.ENTERPRISE)  # judged together, on the rows of ENTERPRISE

# What a run before says of a claim that comes in later: made from all claims together.
FROM_LAST_RUN = tuple(f.name for f in FEATURES if f.scope.level is Level.PROGRAMME)

# The rows of each table that are about a claim: (column of the table, column of the claim).
_PAPERS: dict[str, tuple[tuple[str, str], ...]] = {
    "enterprises": (("enterprise_id", "enterprise_id"),),
    "institutions": (("institution_id", "institution_id"),),
    "contracts": (("contract_id", "contract_id"),),
    "invoices": (("contract_id", "contract_id"),),
    "payments": (("contract_id", "contract_id"),),
    "deliverables": (("claim_id", "claim_id"),),
    "outcomes": (("claim_id", "claim_id"),),
    "sanctions": (("party_id", "enterprise_id"), ("party_id", "institution_id")),
    "relations": (("party_id", "enterprise_id"), ("party_id", "institution_id")),
}


class Selection(Protocol):
    """How rows of input tables are picked; ``Any`` stands for an engine's own table or key set."""

    def own(self) -> Any:
        """The claims answered for."""

    def keys(self, rows: Any, column: str, name: str) -> Any:
        """The values of a column, to be looked for in a column called ``name``."""

    def rows(self, table: str, *keys: Any) -> Any:
        """The rows of an input table that have one of the keys, each once."""

    def with_context(self, claims: Any | None) -> Any:
        """The own claims and, where there are any, others as context."""

    def whole(self, table: str) -> Any:
        """A small table that belongs to no claim."""


def rows_within(
    level: Level, select: Selection, tables: Iterable[str], sharing: Sequence[str] = ()
) -> dict[str, Any]:
    """The rows of ``tables`` that a scope of at most INSTITUTION sees around the own claims.

    For ENTERPRISE and INSTITUTION the own claims must be all of the enterprise or institution.
    ``sharing``: columns (``table.column``, no claims) whose values bring in the other rows that
    have them. A table without a rule here would be left out, so it raises KeyError.
    """
    own = select.own()
    tables_seen: dict[str, Any] = {}
    voucher = select.keys(own, "voucher_id", "voucher_id")
    context = None
    if level is Level.ENTERPRISE:
        used = select.rows("vouchers", voucher)
        tables_seen["vouchers"] = select.rows(
            "vouchers",
            select.keys(own, "enterprise_id", "enterprise_id"),
            select.keys(used, "enterprise_id", "enterprise_id"),  # a rule counts an owner's
        )
        held = select.keys(tables_seen["vouchers"], "voucher_id", "voucher_id")
        context = select.rows("claims", held)
    else:
        tables_seen["vouchers"] = select.rows("vouchers", voucher)
    tables_seen["claims"] = select.with_context(context)
    for name in sorted({*tables, *BASE_TABLES} - {"claims", "vouchers"}):
        if name == "market_prices":
            tables_seen[name] = select.whole(name)
        else:
            tables_seen[name] = select.rows(
                name, *(select.keys(own, column, key) for key, column in _PAPERS[name])
            )
    for shared in sharing:
        name, column = shared.split(".")
        unnumbered = _PAPERS[name][0]
        tables_seen[name] = select.rows(
            name,
            select.keys(tables_seen[name], column, column),
            select.keys(own, unnumbered[1], unnumbered[0]),
        )
    return tables_seen


@dataclass(frozen=True)
class ArrowSelection:
    """Rows of tables in memory; ``claims`` are those answered for."""

    tables: Mapping[str, pa.Table]
    claims: pa.Table

    def own(self) -> pa.Table:
        return self.claims

    def keys(self, rows: pa.Table, column: str, name: str) -> tuple[str, pa.Array]:
        values = pc.unique(rows[column]).drop_null()
        return name, values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values

    def rows(self, table: str, *keys: tuple[str, pa.Array]) -> pa.Table:
        rows = self.tables[table]
        mask = None
        for column, values in keys:
            matches = pc.is_in(rows[column], value_set=values)
            mask = matches if mask is None else pc.or_(mask, matches)
        return rows.filter(mask)

    def with_context(self, claims: pa.Table | None) -> pa.Table:
        if claims is None:
            return self.claims
        own = pc.is_in(claims["claim_id"], value_set=self.claims["claim_id"].combine_chunks())
        return pa.concat_tables([self.claims, claims.filter(pc.invert(own))])

    def whole(self, table: str) -> pa.Table:
        return self.tables[table]


def own_claims(tables: Mapping[str, pa.Table], claim_id: str, level: Level) -> pa.Table:
    """The claims that are answered for together with one: of its enterprise or institution."""
    claims = tables["claims"]
    one = pc.equal(claims["claim_id"], claim_id)
    column = {Level.ENTERPRISE: "enterprise_id", Level.INSTITUTION: "institution_id"}.get(level)
    if column is None:
        return claims.filter(one)
    return claims.filter(pc.or_(one, pc.equal(claims[column], claims.filter(one)[column][0])))


def tables_read(scopes: Iterable[Scope]) -> tuple[str, ...]:
    """The input tables of some scopes together, and what every rule needs, sorted."""
    return tuple(sorted({*BASE_TABLES, *(name for scope in scopes for name in scope.tables)}))


# Rules that say how a programme is run: judged in runs, never of one claim before payment.
RUN_ONLY = tuple(rule.code for rule in ALL_RULES if not rule.scope.before_payment)


@dataclass(frozen=True)
class ClaimView:
    """The tables around one claim (``claim_id``), by how far a scope looks.

    ``related``: all that shares a value with the claim or its parties; ``texts``: the claims whose
    texts are like its own, or None where there are none; ``everything``: all tables.
    """

    claim_id: str
    related: Tables
    everything: Tables
    texts: Tables | None

    def tables(self, scope: Scope) -> Tables:
        """What a rule of this scope sees when it judges the claim."""
        claim = own_claims(self.related, self.claim_id, Level.CLAIM)
        if scope.level in NEAR:
            own = own_claims(self.related, self.claim_id, Level.ENTERPRISE)
            select = ArrowSelection(self.related, own)
            return self.related.replaced(
                **rows_within(Level.ENTERPRISE, select, tables_read([scope]))
            )
        if scope.level is not Level.PROGRAMME:
            return self.related
        if scope.texts_alike:
            return self.related.replaced(claims=claim) if self.texts is None else self.texts
        if scope.peers is None:
            return self.everything
        claims = self.everything["claims"]
        is_own = pc.equal(claims["claim_id"], self.claim_id)
        peers = claims.filter(pc.or_(scope.peers(claims, claim), is_own))
        return self.related.replaced(claims=peers)


def judged_together(rules: Iterable[Rule]) -> list[tuple[Scope, list[Rule]]]:
    """The rules that may be asked of one claim, in groups that see the same tables."""
    groups: dict[object, list[Rule]] = {}
    for rule in rules:
        scope = rule.scope
        if not scope.before_payment:
            continue
        if scope.level is Level.PROGRAMME:
            groups[rule.code] = [rule]
        else:
            groups.setdefault((scope.level in NEAR, scope.joint), []).append(rule)
    return [(_widest(some), some) for some in groups.values()]


def _widest(rules: Sequence[Rule]) -> Scope:
    """One scope that has the tables of all."""
    scopes = [rule.scope for rule in rules]
    return dataclasses.replace(max(scopes, key=lambda s: s.level), tables=tables_read(scopes))


@dataclass(frozen=True)
class Plan:
    """Where on a cluster rules are judged: in partitions by enterprise or by institution, or in
    one task of all claims for each group of ``together``, which read the same tables."""

    by_enterprise: tuple[Rule, ...]
    by_institution: tuple[Rule, ...]
    together: tuple[tuple[Rule, ...], ...]


def plan(rules: Iterable[Rule]) -> Plan:
    """Every rule in its place, by its scope alone."""
    ordered = sorted(rules, key=lambda rule: rule.code)
    groups: dict[object, list[Rule]] = {}
    for rule in ordered:
        if rule.scope.level in (Level.SHARED, Level.PROGRAMME):
            key = rule.code if rule.long else frozenset(rule.scope.tables)
            groups.setdefault(key, []).append(rule)
    return Plan(
        tuple(r for r in ordered if r.scope.level in NEAR),
        tuple(r for r in ordered if r.scope.level is Level.INSTITUTION),
        tuple(tuple(group) for group in groups.values()),
    )


def columns_read(scopes: Iterable[Scope], table: str) -> list[str]:
    """The columns of an input table that some of the scopes may read, in order."""
    readable = {name for scope in scopes for name in scope.columns(table)}
    return [name for name in INPUT_TABLES[table].names if name in readable]


@dataclass(frozen=True)
class FeaturePass:
    """Features that one way of parting the claims serves: by the column ``by`` of claims."""

    by: str
    level: Level
    names: tuple[str, ...]
    scopes: tuple[Scope, ...]

    @property
    def sharing(self) -> tuple[str, ...]:
        return tuple(sorted({column for scope in self.scopes for column in scope.sharing}))


def feature_passes(features: Iterable[Feature]) -> list[FeaturePass]:
    """How claims are parted for the features, those by enterprise first.

    A value of a paper (``invoices.invoice_no``) comes to the papers' enterprise; a value of the
    claims themselves (``claims.agent_id``) parts them. PROGRAMME is served by no pass.
    """
    groups: dict[tuple[str, Level], list[Feature]] = {("enterprise_id", Level.ENTERPRISE): []}
    for feature in features:
        level, shared = feature.scope.level, feature.scope.sharing
        if level is Level.INSTITUTION:
            groups.setdefault(("institution_id", level), []).append(feature)
        elif level is Level.SHARED and shared[0].startswith("claims."):
            groups.setdefault((shared[0].removeprefix("claims."), level), []).append(feature)
        elif level is not Level.PROGRAMME:
            groups["enterprise_id", Level.ENTERPRISE].append(feature)
    return [
        FeaturePass(by, level, tuple(f.name for f in some), tuple(f.scope for f in some))
        for (by, level), some in groups.items()
    ]
