"""The history of a case in words: one sentence an event, Chinese and English."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from fraud_pipeline.vocabulary.verdicts import VERDICTS
from fraud_pipeline.workbench.words import CASE_SOURCES, CASE_STATUSES, SEARCH_KINDS

# kind of event -> sentence with the event's values
_SENTENCES = {
    "open": ("由{source}开立案件“{title}”", "opened the case “{title}” from {source}"),
    "add": ("加入{item} {key}{reason}", "added {item} {key}{reason}"),
    "remove": ("移出{item} {key}{reason}", "removed {item} {key}{reason}"),
    "note": ("写下一条记录", "wrote a note"),
    "task": ("安排任务“{title}”，期限 {due}", "set the task “{title}”, due {due}"),
    "done": ("完成一项任务{result}", "finished a task{result}"),
    "remind": ("已催询，下次期限 {due}", "sent a reminder; the next is due {due}"),
    "status": ("状态改为“{status}”{reason}", "changed the status to “{status}”{reason}"),
    "owner": ("移交给 {owner}", "handed it over to {owner}"),
    "title": ("改名为“{title}”", "renamed it “{title}”"),
    "file": ("上传文件 {name}", "uploaded the file {name}"),
    "merge_into": ("并入案件 {case}{reason}", "merged it into case {case}{reason}"),
    "merge_from": ("并入了案件 {case} 的内容{reason}", "took over case {case}{reason}"),
    "split_from": ("由案件 {case} 分出{reason}", "split it from case {case}{reason}"),
    "split_into": ("分出案件 {case}{reason}", "split case {case} off{reason}"),
    "decide": ("对 {n} 件申请作出结论“{verdict}”", "recorded the verdict “{verdict}” on {n} claims"),
    "referral": ("制作移送材料（{form}）{reason}", "made the referral pack ({form}){reason}"),
}  # fmt: skip


def history(
    events: Sequence[dict[str, Any]], names: dict[int, str], language: str
) -> list[tuple[str, str, str]]:
    """(time, who, what), latest first; things added together are counted in one sentence."""
    rows = []
    for _, group in groupby(events, key=_together):
        same = list(group)
        if same[0]["kind"] in ("add", "remove") and len(same) > 1:
            text = _counted(same, language)
        else:
            text = "；".join(sentence(event, names, language) for event in same)
        rows.append((same[0]["at"], same[0]["who"], text))
    return rows[::-1]


def _together(event: dict[str, Any]) -> tuple[Any, ...]:
    """Equal for events that are told in one sentence: of one person, minute, kind and reason."""
    if event["kind"] not in ("add", "remove"):
        return (event["id"],)
    return (event["kind"], event["who"], event["at"][:16], event["detail"]["reason"])


def _counted(events: Sequence[dict[str, Any]], language: str) -> str:
    counts = Counter(event["detail"]["item"] for event in events)
    if language == "zh":
        verb = "加入" if events[0]["kind"] == "add" else "移出"
        items = "、".join(f"{SEARCH_KINDS[kind][0]} {n} 项" for kind, n in counts.items())
        reason = events[0]["detail"]["reason"]
        return verb + items + (f"（{reason}）" if reason else "")
    verb = "added" if events[0]["kind"] == "add" else "removed"
    items = ", ".join(f"{SEARCH_KINDS[kind][1]}: {n}" for kind, n in counts.items())
    reason = events[0]["detail"]["reason"]
    return f"{verb} {items}" + (f" ({reason})" if reason else "")


def sentence(event: dict[str, Any], names: dict[int, str], language: str) -> str:
    """What happened, in one language; ``names``: account by number."""
    at = 0 if language == "zh" else 1
    values = dict(event["detail"])
    for name, table in (("item", SEARCH_KINDS), ("source", CASE_SOURCES), ("status", CASE_STATUSES),
                        ("verdict", VERDICTS)):  # fmt: skip
        if name in values:
            values[name] = table[values[name]][at]
    for name in ("reason", "result"):
        if name in values:
            values[name] = f"（{values[name]}）" if values[name] and at == 0 else (
                f" ({values[name]})" if values[name] else "")  # fmt: skip
    if "owner" in values:
        values["owner"] = names.get(values["owner"], "?")
    return _SENTENCES[event["kind"]][at].format(**values)
