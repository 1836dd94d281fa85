"""What to know about an estimate before quoting it, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Note:
    """Whether a sample carries an estimate, and the sentence that goes with it."""

    usable: bool
    zh: str
    en: str


def note_of(pi: np.ndarray, decided: np.ndarray, vague: np.ndarray, n_claims: int) -> Note:
    """The note for the audited claims of a programme that has ``n_claims`` claims in all."""
    if len(pi) == 0:
        return Note(
            False,
            "没有按已知概率抽查的核查结果：举报、历史名单和缺少入样概率的结果不能推断误付率。",
            "No outcome was drawn with a known probability: tips, old lists and outcomes "
            "without inclusion_prob say nothing about the rate.",
        )
    if not decided.any():
        return Note(
            False,
            f"抽查的 {len(pi)} 件均无定论，不能推断误付率。",
            f"None of the {len(pi)} drawn claims has been decided, so there is no rate.",
        )
    open_ = pi < 1.0
    if not open_.any() and len(pi) < n_claims:
        return Note(
            False,
            f"核查结果只有 {len(pi)} 件必查申请，不能代表其余 {n_claims - len(pi)} 件。",
            f"Only {len(pi)} claims that were certain to be audited have outcomes; they do not "
            f"represent the other {n_claims - len(pi)}.",
        )
    if (open_ & decided).sum() == 0 and open_.any():
        return Note(
            False,
            "抽中的申请（必查除外）均无定论，不能推断误付率。",
            "Of the claims drawn by chance none has been decided, so there is no rate.",
        )
    return _usable(pi, decided, vague)


def _usable(pi: np.ndarray, decided: np.ndarray, vague: np.ndarray) -> Note:
    open_ = int((pi < 1.0).sum())
    zh = [f"依据 {len(pi)} 件概率抽查结果（其中必查 {len(pi) - open_} 件）。"]
    en = [f"From {len(pi)} outcomes of probability samples, {len(pi) - open_} of them certain."]
    if open_ == 0:
        zh.append("全部申请均已核查，没有抽样误差。")
        en.append("Every claim was audited: no sampling error.")
    elif open_ < 30:
        zh.append("抽查件数少，区间较宽，宜合并多期使用。")
        en.append("Few draws: the interval is wide, pool several rounds before quoting it.")
    if n_open := int((~decided).sum()):
        zh.append(f"{n_open} 件无定论：估计值按其余情况推算，区间两端分别按全部合规、全部违规计。")
        en.append(
            f"{n_open} undetermined: the estimate takes them to be like the others, the ends of "
            f"the interval take all of them as clean or as improper."
        )
    if n_vague := int(vague.sum()):
        zh.append(f"{n_vague} 件违规但未记金额：按平均比例计，区间按零至全额计。")
        en.append(
            f"{n_vague} improper without an amount: counted at the average share, between none "
            f"and all in the interval."
        )
    return Note(True, "".join(zh), " ".join(en))


def closing_note(
    width: float | None, needed: int | None, target: float, confidence: float, *, pooled: bool
) -> tuple[str, str]:
    """What a share's precision is worth against the standard, in both languages.

    ``pooled``: the figure is the three-year or overall one already.
    """
    sure = f"{confidence:.0%}"
    if width is None:
        return (
            "没有按已知概率抽中并已有定论的申请，不能推断。",
            "No claim drawn by chance has been decided here, so nothing can be inferred.",
        )
    zh = f"精度 ±{100 * width:.2g} 个百分点（{sure} 置信）"
    en = f"Known within ±{100 * width:.2g} points ({sure})"
    if needed is None:
        return f"{zh}，达到 ±{100 * target:.2g} 的标准。", f"{en}, as the standard asks."
    more_zh = "" if pooled else "；请引用三年滚动数"
    more_en = "" if pooled else " Quote the rolling three-year figure."
    return (
        f"{zh}，未达到 ±{100 * target:.2g} 的标准，不作承诺：约需核查 {needed:,} 件{more_zh}。",
        f"{en}; the standard of ±{100 * target:.2g} is not promised: about {needed:,} audits "
        f"would be needed.{more_en}",
    )
