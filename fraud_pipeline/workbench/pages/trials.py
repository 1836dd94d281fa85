"""Trying out a file: what is understood of it, columns corrected, the mapping saved, the leads at the end."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from fraud_pipeline.core.currency import unit
from fraud_pipeline.errors import UnknownRecordError
from fraud_pipeline.ingest.date_order import STATED
from fraud_pipeline.ingest.mapping_choices import PARTS, WITH_ROW, Choices
from fraud_pipeline.ingest.note_words import note_text
from fraud_pipeline.ingest.wording import HARMLESS_WORDS, REASONS, REPAIRS
from fraud_pipeline.programmes.currency import currencies_of
from fraud_pipeline.store import runs
from fraud_pipeline.store.packs import load_packs
from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.db.settings import current
from fraud_pipeline.workbench.errors import ActionRefusedError
from fraud_pipeline.workbench.exchange import trials
from fraud_pipeline.workbench.pages import responses

LEADS = 50  # of a trial's run that are shown
PART_WORDS = {
    "payee": ("收款方（必填）", "who was paid (needed)"), "payer": ("付款方", "who paid"),
    "amount": ("金额（必填）", "amount (needed)"), "claimed": ("申请金额（通常同上，必填）", "amount claimed (usually the same; needed)"),
    "day": ("日期（必填）", "day (needed)"), "document": ("发票号、合同号", "number of the invoice or contract"),
    "kind": ("类别", "kind of service"), "title": ("名称、摘要", "title or description"),
}  # fmt: skip
ORDER_WORDS = {
    "": ("按数据判断", "as the data show"), "day_first": ("日在前：31/01/2016", "day first: 31/01/2016"),
    "month_first": ("月在前：01/31/2016", "month first: 01/31/2016"), "year_first": ("年在前：16/01/31", "year first: 16/01/31"),
    "exchanged": ("表格软件互换了日和月", "day and month exchanged by a spreadsheet"),
}  # fmt: skip
DECIMAL_WORDS = {
    "": ("按数据判断", "as the data show"), ".": ("小数点：1,234.50", "point: 1,234.50"), ",": ("小数逗号：1.234,50", "comma: 1.234,50"),
}  # fmt: skip


def trials_page(context: RequestContext) -> Response:
    own_trials = trials.of_person(context.app_state.workspace.path, context.user.id)
    return responses.render_page(context, "trials.html", trials=own_trials, kinds=trials.KINDS)


def try_file(context: RequestContext) -> Response:
    if context.upload is None:
        raise ActionRefusedError("no_file")
    with context.app_state.db.reading() as connection:
        most = current(connection).file_megabytes << 20
    trial = trials.start(
        context.app_state.workspace.path,
        context.user.id,
        context.upload.name,
        context.upload.data,
        most,
    )
    context.log("trial", trial.token, file=trial.name)
    return responses.redirect(f"/files/{trial.token}")


def trial_page(context: RequestContext) -> Response:
    return _page(context, _trial(context))


def _page(context: RequestContext, trial: trials.Trial) -> Response:
    understood, scored = trial.understood, trial.scored
    packs = currencies_of(load_packs(trial.packs))
    choices = trial.choices
    currency = packs.get(choices.programme, "XXX")
    return responses.render_page(
        context, "trial.html", trial=trial, understood=understood, choices=choices, scored=scored,
        leads=_leads(trial) if scored["state"] == "done" else [], programmes=sorted(packs),
        minutes=trials.SCORE_MINUTES, parts=PART_WORDS, orders=ORDER_WORDS, decimals=DECIMAL_WORDS, with_row=WITH_ROW,
        reasons={**{k: v[:2] for k, v in REASONS.items()}, **HARMLESS_WORDS}, repairs=REPAIRS,
        currency=unit(currency, context.language),
        notes=[note_text(note, context.language) for note in understood["notes"]],
    )  # fmt: skip


def correct_trial(context: RequestContext) -> Response:
    """The columns as the person says they are; the file is read again."""
    trial = _trial(context)
    headers = {column["header"] for column in trial.understood["columns"]}
    parts = {part: context.field(part) for part in PARTS}
    key = context.field("key")
    known = {"", *headers}
    order, decimal = context.field("order"), context.field("decimal")
    fits = (
        set(parts.values()) <= known and key.removeprefix(WITH_ROW) in known
        and order in ("", *STATED) and decimal in DECIMAL_WORDS
        and context.field("programme") in currencies_of(load_packs(trial.packs))
    )  # fmt: skip
    if not fits:
        raise ActionRefusedError("trial_choice")
    trial.correct(
        Choices(
            parts,
            key,
            context.field("programme"),
            order,
            decimal,
            context.field("credits") == "yes",
        )
    )
    context.log("trial_corrected", trial.token)
    return responses.redirect(f"/files/{trial.token}", "trial_read")


def score_trial(context: RequestContext) -> Response:
    trial = _trial(context)
    if trial.understood["error"]:
        raise ActionRefusedError("trial_unread")
    trial.score()
    context.log("trial_scored", trial.token)
    return responses.redirect(f"/files/{trial.token}")


def drop_trial(context: RequestContext) -> Response:
    trial = _trial(context)
    trials.drop(trial)
    context.log("trial_removed", trial.token)
    return responses.redirect("/files", "trial_removed")


def trial_mapping(context: RequestContext) -> Response:
    """The mapping as a download, for ``fraud-pipeline score --mapping``."""
    trial = _trial(context)
    return _download(trial.mapping_text.encode(), f"{trial.name.rsplit('.', 1)[0]}.toml")


def trial_report(context: RequestContext) -> Response:
    """The report of the trial's run as a download; it is opened outside this site."""
    trial = _trial(context)
    if trial.scored["state"] != "done":
        raise UnknownRecordError("there is no report yet")
    return _download(
        (runs.find(trial.run_folder).folder / "report.html").read_bytes(), "report.html"
    )


def _download(data: bytes, name: str) -> Response:
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(data, media_type="application/octet-stream", headers=headers)


def _trial(context: RequestContext) -> trials.Trial:
    return trials.find(context.app_state.workspace.path, context.user.id, context.path("file_id"))


def _leads(trial: trials.Trial) -> list[dict[str, Any]]:
    """The first leads of the trial's run, in the order of the list."""
    ranked = runs.find(trial.run_folder).table("ranked_claims").sort_by("rank")
    return list(ranked.slice(0, LEADS).to_pylist())


HANDLERS = {
    "trials_page": trials_page, "try_file": try_file, "trial_page": trial_page,
    "correct_trial": correct_trial, "score_trial": score_trial, "drop_trial": drop_trial,
    "trial_mapping": trial_mapping, "trial_report": trial_report,
}  # fmt: skip
