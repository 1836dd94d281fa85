"""One claim before payment, by the steps of a run, against the state of the last run.

What one claim touches is computed again with it among the rest, by the same step functions: rules,
ties, price, behaviour, features, score, reasons. What only a whole run can say is taken from the
last one: the rings and their significance (a claim belongs to a ring when both its parties do, as
in a run), which rules fire often, the crowd behind outlyingness, the medians of all. Everything
else equals the result of a run to 1e-9 (``tests/engine/single_claim``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline import behaviour, explain, graph, pricing, programmes, risk
from fraud_pipeline.core.threads import N_THREADS
from fraud_pipeline.engine.scope import ClaimView, judged_together
from fraud_pipeline.engine.single_claim.papers import COMPARED_ALL, PassageIndex, text_corpus_for
from fraud_pipeline.engine.single_claim.related_rows import related_rows, two_hop_scope
from fraud_pipeline.engine.single_claim.rows import (
    OneInTheCrowd,
    align_prices,
    rows_of_claim,
    strongest,
    with_null_column,
    with_rows,
)
from fraud_pipeline.engine.single_claim.unit_prices import UnitPrices
from fraud_pipeline.errors import InputError
from fraud_pipeline.features.build import medians
from fraud_pipeline.pipeline import Inputs, Setup
from fraud_pipeline.programmes.rules import ALL_RULES
from fraud_pipeline.schema import RingSet, Tables
from fraud_pipeline.schema.outputs import TIES
from fraud_pipeline.steps.ranking import model_of

# Long columns that ties are not made from: ties of text are made by a question of their own.
_BLANK = {"claims": "report_text", "contracts": "text"}


@dataclass(frozen=True)
class Answer:
    """The score of one claim and its parts; every table holds that claim alone.

    ``place``: where it would stand in the last run's list. ``ring_ids``: rings of the last
    run that both its parties belong to. ``what_if``: sentences (Chinese, English).
    """

    ranked: pa.Table
    place: int
    features: pa.Table
    rule_results: pa.Table
    price: pa.Table
    explanations: pa.Table
    typologies: pa.Table
    what_if: list[tuple[str, str]]
    ring_ids: tuple[str, ...]


class ClaimScorer:
    """The last run's tables, kept ready; :meth:`score` changes nothing in them."""

    def __init__(self, known: Tables, last: Inputs, setup: Setup):
        """``known`` are the tables as of the last run, ``last`` what its steps made."""
        self._known, self._setup = known, setup
        self._rings, self._rules = last.rings(), last.table("rules")
        self._ranked = last.table("ranked_claims")
        self._model = model_of(last, setup)  # weights and surprisals are those of the last run
        ties = last.table("ties")
        self._unit_prices = UnitPrices(known)
        self._text_ties = ties.filter(pc.equal(ties["kind"], "text"))
        self._whole = known["claims"].num_rows < COMPARED_ALL
        with ThreadPoolExecutor(N_THREADS) as pool:  # the longest tasks in parallel
            pending_index = None if self._whole else pool.submit(PassageIndex.of, known)
            middle = pool.submit(medians, last.table("features"))
            self._crowd = behaviour.Crowd.of(last.table("behaviour"), setup.settings.behaviour)
            self._papers = PassageIndex.none() if pending_index is None else pending_index.result()
            self._medians = middle.result()
        top = max(1, int(np.ceil(setup.settings.explain.top_share * self._ranked.num_rows)))
        losses = self._ranked["expected_loss"]
        self._losses = np.sort(losses.cast(pa.float64()).to_numpy())
        self._last_listed: Decimal = (
            losses[min(top, len(losses)) - 1].as_py() if len(losses) else Decimal(0)
        )

    def score(self, filed: Mapping[str, pa.Table], as_of: date | None = None) -> Answer:
        """The answer for the one claim in ``filed['claims']`` with the rows that came with it.

        Rows with a key that is known already take the place of those known. Raises InputError
        unless there is exactly one claim.
        """
        claims = filed.get("claims")
        if claims is None or claims.num_rows != 1:
            raise InputError("claims: exactly one claim is scored at a time")
        claim_id = str(claims["claim_id"][0].as_py())
        settings = self._setup.settings
        day = as_of or max(self._setup.as_of, claims["submitted_on"][0].as_py())
        tables = with_rows(self._known, filed)
        near = related_rows(tables, claim_id)
        wide = two_hop_scope(tables, near, claim_id)
        papers = text_corpus_for(tables, self._papers, claim_id, near)
        rings = self._rings_of(claims)
        with ThreadPoolExecutor(N_THREADS) as pool:  # none of these reads what another made
            rule_task = pool.submit(
                self._evaluate_rules, ClaimView(claim_id, near, tables, papers), day
            )
            price_task = pool.submit(self._price, tables, filed, rings)
            tie_task = pool.submit(self._ties, near, papers, claims)
            behaviour_task = pool.submit(
                behaviour.measure,
                wide,
                settings.behaviour,
                OneInTheCrowd.among(self._crowd, claim_id),
            )
        results, price = rule_task.result(), rows_of_claim(price_task.result(), claim_id)
        features = rows_of_claim(
            risk.build_features(
                wide, self._rules, results, align_prices(wide, price), rings, tie_task.result(),
                behaviour_task.result(), settings.risk,
            ), claim_id,
        )  # fmt: skip
        return self._answer(near, claim_id, features, results, price, rings)

    def _evaluate_rules(self, view: ClaimView, day: date) -> pa.Table:
        """RULE_RESULTS of the claim, each rule on the tables of its scope."""
        own_id = pa.array([view.claim_id], pa.string())
        parts = []
        for scope, rules in judged_together(ALL_RULES):
            results, _ = programmes.evaluate(
                view.tables(scope), self._setup.packs, day, self._setup.settings.programmes,
                rules, None if scope.joint else own_id,
            )  # fmt: skip
            parts.append(rows_of_claim(results, view.claim_id))
        return pa.concat_tables(parts).sort_by("rule_code")

    def _rings_of(self, claims: pa.Table) -> RingSet:
        """The last run's rings both parties belong to, with the claim among theirs."""
        members = self._rings.members
        sets = []
        for column, kind in (("enterprise_id", "enterprise"), ("institution_id", "institution")):
            is_own_party = pc.and_(pc.equal(members["party_id"], claims[column][0]),
                           pc.equal(members["party_kind"], kind))  # fmt: skip
            sets.append(set(members.filter(is_own_party)["ring_id"].to_pylist()))
        both = pa.array(sorted(sets[0] & sets[1]), pa.string())
        ring_tables = [
            t.filter(pc.is_in(t["ring_id"], value_set=both))
            for t in dataclasses.astuple(self._rings)
        ]
        claim = claims["claim_id"][0].as_py()
        new = pa.table({"ring_id": both, "claim_id": pa.array([claim] * len(both), pa.string())})
        return RingSet(ring_tables[0], ring_tables[1], new, ring_tables[3])

    def _price(self, tables: Tables, filed: Mapping[str, pa.Table], rings: RingSet) -> pa.Table:
        """The claim against the market of its service, formed as in a run."""
        rows = self._unit_prices.of(tables, filed)
        suspected = pa.concat_tables([self._rings.claims, rings.claims]).group_by(
            ["ring_id", "claim_id"]).aggregate([])  # fmt: skip
        own_id = filed["claims"]["claim_id"].combine_chunks()
        return pricing.judge(tables, self._setup.settings.pricing, suspected, own_id, rows)

    def _ties(self, near: Tables, papers: Tables | None, claims: pa.Table) -> pa.Table:
        """Ties of the parties near; of text only where a paper of the claim is like others."""
        mute = {t: with_null_column(near[t], c) for t, c in _BLANK.items()}
        ties = graph.build_ties(near.replaced(**mute), self._setup.settings.graph)
        text = TIES.empty()
        if papers is not None:
            text = TIES.conform(graph.text_ties(papers))
        if not self._whole:  # not all were compared: what the last run found stands
            text = strongest(pa.concat_tables([text, self._text_ties]))
        enterprise = claims["enterprise_id"][0]
        is_own_tie = pc.or_(
            pc.equal(text["left_id"], enterprise), pc.equal(text["right_id"], enterprise)
        )
        return pa.concat_tables([ties, text.filter(is_own_tie)])

    def _answer(
        self, near: Tables, claim_id: str, features: pa.Table, results: pa.Table,
        price: pa.Table, rings: RingSet,
    ) -> Answer:  # fmt: skip
        settings, model = self._setup.settings, self._model
        without = near.replaced(
            outcomes=near["outcomes"].slice(0, 0)
        )  # decided or not, it is asked
        ranked = risk.score(features, self._rules, results, without, model)
        reasons = explain.explain(
            features, risk.contributions(features, model), self._medians, self._rules, results,
            price, rings, settings.explain,
        )  # fmt: skip
        loss = float(ranked["expected_loss"][0].as_py())
        place = 1 + int(len(self._losses) - np.searchsorted(self._losses, loss, "right"))
        what_if = explain.counterfactuals(reasons, ranked, self._last_listed, model)
        return Answer(
            ranked, place, features, results, price, reasons,
            risk.typology_scores(results, self._rules, price, rings), what_if,
            tuple(rings.rings["ring_id"].to_pylist()),
        )  # fmt: skip
