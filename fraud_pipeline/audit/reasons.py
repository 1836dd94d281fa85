"""Why a claim is on the audit list, in words, made where the probability was made."""

from __future__ import annotations

import numpy as np

from fraud_pipeline.audit.population import HUZHOU as WATCHED
from fraud_pipeline.audit.population import Population
from fraud_pipeline.audit.strata import CERTAINTY, HUZHOU, RANDOM

_GROUP_ZH = dict(
    zip(
        WATCHED,
        ("补助额较多的企业", "服务项目较多的企业", "服务频繁的机构所服务的企业"),
        strict=True,
    )
)
_GROUP_EN = dict(
    zip(
        WATCHED,
        ("large subsidy", "many services", "client of a busy institution"),
        strict=True,
    )
)

Sentence = tuple[str, str]  # Chinese, English


def reasons(
    claims: Population, selected: np.ndarray, pi: np.ndarray, strata: list[str], random: float
) -> list[Sentence]:
    """One sentence in both languages a drawn claim. Only the drawn rows are visited."""
    ranks = claims.table["rank"].to_numpy()[selected]
    sentences = []
    for row, probability, stratum, rank in zip(selected, pi, strata, ranks, strict=True):
        if stratum == CERTAINTY:
            sentences.append(_certain(claims, row, rank, everything=len(selected) == len(claims)))
        elif stratum == RANDOM:
            sentences.append(_random(random))
        elif stratum == HUZHOU:
            sentences.append(_watched(claims, row, probability))
        else:
            sentences.append(_risky(claims, row, rank, probability))
    return sentences


def _certain(claims: Population, row: int, rank: int, *, everything: bool) -> Sentence:
    if claims.mandatory[row]:
        return (
            "必查：由核查人员指定必须核查，入样概率 100%。",
            "Certain: named as one that must be audited, probability 100%.",
        )
    if everything:
        return (
            "必查：本次核查覆盖名单上的全部申请。",
            "Certain: this audit takes in every claim on the list.",
        )
    loss, n = claims.loss[row], len(claims)
    return (
        f"必查：预计损失 {loss:,.0f} 元（{n:,} 件中列第 {rank:,} 位），"
        f"值得每次都查，入样概率 100%。",
        f"Certain: an expected loss of {loss:,.0f} yuan (rank {rank:,} of {n:,}) is worth an "
        f"audit every time, probability 100%.",
    )


def _random(probability: float) -> Sentence:
    return (
        f"随机抽中：每件申请不论得分高低，都有至少 {probability:.2%} 的机会被抽中。",
        f"Drawn at random: every claim has a chance of at least {probability:.2%}, whatever its score.",
    )


def _watched(claims: Population, row: int, probability: float) -> Sentence:
    groups = [name for name, member in zip(WATCHED, claims.huzhou[row], strict=True) if member]
    return (
        f"重点对象抽中：{'、'.join(_GROUP_ZH[g] for g in groups)}，入样概率 {probability:.1%}。",
        f"Drawn from the groups watched by rule ({', '.join(_GROUP_EN[g] for g in groups)}), "
        f"probability {probability:.1%}.",
    )


def _risky(claims: Population, row: int, rank: int, probability: float) -> Sentence:
    loss, amount, n = claims.loss[row], claims.amount[row], len(claims)
    return (
        f"按风险抽中：预计损失 {loss:,.0f} 元（{n:,} 件中列第 {rank:,} 位），"
        f"申请金额 {amount:,.0f} 元，据此入样概率 {probability:.1%}。",
        f"Drawn by risk: an expected loss of {loss:,.0f} yuan (rank {rank:,} of {n:,}) on "
        f"{amount:,.0f} yuan claimed gave it a probability of {probability:.1%}.",
    )
