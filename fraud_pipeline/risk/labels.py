"""What verdicts teach: few, late, only where somebody looked, and not always right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.core.money import to_fen
from fraud_pipeline.features.build import matrix
from fraud_pipeline.schema import Tables

DECIDED = ("fraud", "irregular", "clean")
RANDOM = "random"  # outcomes.selected_by of the stratum in which every claim had the same chance
MOST_WEIGHT = 40.0  # an inclusion probability below 1/40 counts as 1/40


@dataclass(frozen=True)
class Labels:
    """One row a claim with a deciding verdict, in order of claim id; arrays of shape (m,).

    ``x`` (m, k) features · ``improper`` 0/1 · ``weight`` undoes part of how claims were
    chosen · ``money`` grows with the amount at stake · ``submitted``, ``decided`` days ·
    ``random`` whether chance alone chose it (the random stratum) · ``enterprise`` numbers in
    the order of first appearance, the same for claims of one enterprise · ``programme`` ids.
    """

    x: np.ndarray
    improper: np.ndarray
    weight: np.ndarray
    money: np.ndarray
    submitted: np.ndarray
    decided: np.ndarray
    random: np.ndarray
    enterprise: np.ndarray
    programme: np.ndarray

    def __len__(self) -> int:
        return len(self.improper)

    def where(self, rows: np.ndarray) -> Labels:
        return Labels(self.x[rows], self.improper[rows], self.weight[rows], self.money[rows],
                      self.submitted[rows], self.decided[rows], self.random[rows],
                      self.enterprise[rows], self.programme[rows])  # fmt: skip


def labels_of(features: pa.Table, tables: Tables) -> Labels:
    """The newest deciding verdict of each claim; undetermined ones teach nothing.

    ``weight`` is the square root of the inverse inclusion probability, clipped: the full
    inverse is too noisy at audit sample sizes. A verdict without a recorded probability speaks
    for its own claim alone: weight 1.
    """
    outcomes = tables["outcomes"].filter(pc.is_in(tables["outcomes"]["verdict"], pa.array(DECIDED)))
    outcomes = outcomes.sort_by([("claim_id", "ascending"), ("decided_on", "descending"),
                                 ("outcome_id", "descending")])  # fmt: skip
    at = pc.index_in(features["claim_id"], value_set=outcomes["claim_id"].combine_chunks())
    last = outcomes.take(at.drop_null())  # the first of each claim's rows: appeals come later
    claims = tables["claims"]
    when = claims.take(pc.index_in(last["claim_id"], value_set=claims["claim_id"].combine_chunks()))
    probability = pc.fill_null(last["inclusion_prob"], np.nan).to_numpy()
    probability = np.where(np.isnan(probability), 1.0, probability)
    amount = np.maximum(to_fen(when["claimed_amount"]), 1).astype(float)
    middle = np.median(amount) if len(amount) else 1.0
    return Labels(
        matrix(features.filter(pc.is_valid(at))),
        pc.is_in(last["verdict"], pa.array(["fraud", "irregular"])).to_numpy().astype(float),
        np.sqrt(np.minimum(1.0 / np.maximum(probability, 1e-9), MOST_WEIGHT)),
        np.clip(np.sqrt(amount / middle), 0.5, 2.0),
        when["submitted_on"].cast(pa.int32()).to_numpy(),
        last["decided_on"].cast(pa.int32()).to_numpy(),
        pc.fill_null(pc.equal(last["selected_by"], RANDOM), False).to_numpy(),
        _numbers(when["enterprise_id"]),
        pc.fill_null(when["programme"], "").to_numpy(zero_copy_only=False),
    )


def decided(tables: Tables) -> pa.Array:
    """The ids of claims with a deciding verdict; an undetermined one decides nothing."""
    outcomes = tables["outcomes"]
    return outcomes.filter(pc.is_in(outcomes["verdict"], pa.array(DECIDED)))[
        "claim_id"
    ].combine_chunks()


def _numbers(ids: pa.ChunkedArray) -> np.ndarray:
    """0, 1, … in the order of first appearance; an unknown id is one of its own."""
    codes = ids.combine_chunks().dictionary_encode().indices
    known: np.ndarray = pc.fill_null(codes, -1).to_numpy(zero_copy_only=False)
    return known + 1


def softened(improper: np.ndarray, prior: np.ndarray, missed: float) -> np.ndarray:
    """(m,) probability that a claim is improper, given its verdict and what was thought before.

    Auditors miss a share ``missed`` of what is improper, so a clean verdict leaves
    prior · missed / (prior · missed + 1 − prior) of doubt (Bayes); an improper one leaves none.
    """
    doubt = prior * missed / (prior * missed + 1.0 - prior)
    return np.where(improper > 0, 1.0, doubt)
