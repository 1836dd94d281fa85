"""A claim as the tests write it down, and the way from files to what was loaded."""

from pathlib import Path

from fraud_pipeline import ingest
from fraud_pipeline.ingest.notebook import ROW_LOST
from fraud_pipeline.settings import IngestSettings
from fraud_pipeline.store.sources import open_sources

HEAD = (
    "claim_id,programme,enterprise_id,institution_id,service_type,"
    "contract_amount,claimed_amount,submitted_on,quantity"
)
ROW = "C1,wuhan,E1,I1,testing,1000.00,550.00,2016-07-01,2"
ZH = "申请编号,制度,企业统一社会信用代码,机构统一社会信用代码,服务类型,合同金额（万元）,申请兑付金额,申请日期,数量"
ROW_ZH = "C1,wuhan,E1,I1,检验检测,3.5,550元,2016年7月1日,２"


def load(where, mapping=None, programme=None, known=None, limits=IngestSettings()):  # noqa: B008
    sources = open_sources(str(where), ingest.stems(mapping))
    return ingest.load(sources, limits, mapping, programme, known)


def folder(tmp_path: Path, text, name="claims.csv", encoding="utf-8") -> Path:
    """``tmp_path`` with one more file in it."""
    data = text.encode(encoding) if isinstance(text, str) else text
    (tmp_path / name).write_bytes(data)
    return tmp_path


def claims(loaded):
    return loaded.tables["claims"].to_pylist()


def reasons(loaded):
    return [(q["row"], q["column"], q["reason_code"]) for q in loaded.quarantine.to_pylist()]


def kinds(loaded):
    return {(r["row"], r["column"], r["kind"]) for r in loaded.repairs.to_pylist()}


def accounts_hold(loaded):
    """Rows in = clean + quarantined, and the quarantine names exactly the rows that are lost."""
    for name, account in loaded.accounts.items():
        entries = [q for q in loaded.quarantine.to_pylist() if q["table"] == name]
        lost = {
            (q["file"], q["sheet"], q["row"]) for q in entries if q["detail"].startswith(ROW_LOST)
        }
        clean = {
            (r["source_file"], r["source_sheet"], r["source_row"])
            for r in loaded.tables[name].to_pylist()
        }
        assert account.rows_clean == len(clean) == loaded.tables[name].num_rows
        assert account.rows_quarantined == len(lost)
        assert account.rows_in == len(clean) + len(lost)
        assert not clean & lost
