"""``verify``, ``receipt``, ``prune``: what is stored is what was published; old tables make room."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fraud_pipeline.cli.options import WORKSPACE, Workspace_
from fraud_pipeline.cli.output import show
from fraud_pipeline.core.report import Report
from fraud_pipeline.errors import SettingsError, UnknownRecordError
from fraud_pipeline.vocabulary.messages import t

if TYPE_CHECKING:
    from fraud_pipeline.store.hash_chain import Receipt

Database = Annotated[
    str | None,
    typer.Option(help="The workbench's database URL or env:NAME, when not in the workspace."),
]


def prune(
    keep: Annotated[int, typer.Option(min=1, help="How many of the last runs stay in any case.")],
    workspace: Workspace_ = WORKSPACE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    older_than: Annotated[
        int | None, typer.Option(min=1, help="Only runs of more than so many days ago go.")
    ] = None,
    database: Database = None,
) -> None:
    """Remove the tables of old runs; what decisions, plans, models or pointers name stays.

    Example: fraud-pipeline prune --keep 30 --dry-run -w demo
    """
    from fraud_pipeline.store import places, registration, retention
    from fraud_pipeline.store.workspace import locked

    address = places.source_address(database) if database else None
    with locked(workspace) as place:
        registration.register_artefacts(place)
        plan = retention.plan(place, keep, address, older_than)
        if not dry_run:
            retention.carry_out(place, plan)
    done = "would" if dry_run else "removed"
    lines = [t("prune.kept", run_id=run.run_id, why=run.why) for run in plan.kept_runs]
    lines += [t(f"prune.{done}", run_id=run_id) for run_id in plan.removed]
    lines.append(t(f"prune.total_{done}", n=len(plan.removed), megabytes=plan.bytes_freed / 1e6))
    show(Report("\n".join(lines), {"dry_run": dry_run, **vars(plan)}))


def verify(
    run: Annotated[str | None, typer.Argument(help="Run id; default the last one.")] = None,
    workspace: Workspace_ = WORKSPACE,
    replay: Annotated[bool, typer.Option(help="Also recompute the run and compare bytes.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Every run, model, pack, plan, and the chains over them.")
    ] = False,
    claim: Annotated[str | None, typer.Option(help="Score this claim again and compare.")] = None,
    receipt: Annotated[
        str | None,
        typer.Option(
            help="With --all: NUMBER:HASH noted earlier, or a file of `receipt`; finds a cut-off end."
        ),
    ] = None,
    signer: Annotated[
        Path | None, typer.Option(help="Public key (PEM) that must have signed the receipt's file.")
    ] = None,
    database: Database = None,
) -> None:
    """Check that what is stored is what was published, and that it can be repeated.

    Example: fraud-pipeline verify --all -w demo
    """
    from fraud_pipeline.engine import verification
    from fraud_pipeline.store import places
    from fraud_pipeline.workbench.db.verification import verify_all

    reports = {}
    if everything:
        address = places.source_address(database) if database else None
        ledger, decisions = _noted(receipt, signer)
        reports["workspace"] = verify_all(workspace, address, ledger, decisions)
    if claim is not None:
        reports["claim"] = verification.verify_claim(workspace, run, claim)
    if replay or not (everything or claim):
        reports["run"] = verification.verify_run(workspace, run, replay=replay)
    text = "\n".join(report.text for report in reports.values())
    show(Report(text, {name: report.facts for name, report in reports.items()}))


def _noted(receipt: str | None, signer: Path | None) -> tuple[Receipt | None, Receipt | None]:
    """The ends of ledger and log of decisions that were noted: as text, or in a signed file."""
    from fraud_pipeline.store import signed_receipt, time_stamp
    from fraud_pipeline.store.hash_chain import Receipt

    if receipt is None:
        return None, None
    path = Path(receipt)
    if not path.is_file():
        if signer is not None:
            raise SettingsError("--signer needs a file of `receipt` as --receipt")
        return Receipt.parse(receipt), None
    signed = signed_receipt.read(path, signer)
    time_stamp.check(path)
    decisions = Receipt.parse(signed.decisions) if signed.decisions else None
    return Receipt.parse(signed.ledger), decisions


def receipt(
    out: Annotated[Path | None, typer.Option(help="File of the receipt.")] = None,
    key: Annotated[Path | None, typer.Option(help="Private key (PEM) to sign it with.")] = None,
    new_key: Annotated[
        Path | None, typer.Option(help="Make a key pair here and in FILE.pub, and end.")
    ] = None,
    time_stamp: Annotated[
        str | None, typer.Option(help="Address of an RFC 3161 authority that stamps the receipt.")
    ] = None,
    workspace: Workspace_ = WORKSPACE,
    database: Database = None,
) -> None:
    """Sign the ends of both chains into a file to keep elsewhere: a later forgery shows by it.

    Example: fraud-pipeline receipt --key bureau.pem --out receipt.json -w demo
    """
    from fraud_pipeline.store import ledger, places, references, signed_receipt
    from fraud_pipeline.store import time_stamp as stamps
    from fraud_pipeline.store.workspace import Workspace

    if new_key is not None:
        public = signed_receipt.new_key(new_key)
        show(
            Report(
                t("receipt.key", private=new_key, public=public), {"key": new_key, "public": public}
            )
        )
        return
    if key is None or out is None:
        raise SettingsError("`receipt` needs --key and --out, or --new-key")
    place = Workspace(workspace)
    end = ledger.receipt(place)
    if end is None:
        raise UnknownRecordError(f"{workspace}: no run has been published here yet")
    address = places.source_address(database) if database else None
    signed = signed_receipt.issue(end, references.decisions_head(place, address), key)
    signed_receipt.write(signed, out)
    answer = stamps.stamp(out, time_stamp) if time_stamp else None
    text = t("receipt.written", file=out, ledger=signed.ledger, decisions=signed.decisions or "-")
    if answer is not None:
        text += "\n" + t("receipt.stamped", file=answer)
    facts = {"file": out, "ledger": signed.ledger, "decisions": signed.decisions or None,
             "time_stamp": answer}  # fmt: skip
    show(Report(text, facts))
