"""The wizard writes a pack that reads, scores and simulates, and a test of it that runs."""

import subprocess
import sys

from fraud_pipeline.store.packs import load_packs
from tests.command_line import run

ANSWERS = "临港创新券\nLingang vouchers\n300000\n12\n50%\n\n\n\n\n\n\n"


def test_the_pack_of_the_wizard_is_whole(tmp_path):
    to = tmp_path / "packs"
    made = run(
        "programme",
        "new",
        "lingang",
        "--out",
        to,
        "--starts",
        "2024-01-01",
        given=ANSWERS,
        cwd=tmp_path,
    )
    assert made.returncode == 0, made.stderr
    pack = load_packs(to)["lingang"]
    assert (pack.name_zh, pack.currency) == ("临港创新券", "CNY")
    assert float(pack.value("subsidy_share_max", pack.starts_on)) == 0.5
    assert pack.value("annual_budget_amount", pack.starts_on) is None, (
        "what is not answered stays open"
    )
    tested = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", to / "test_lingang.py"],
                            capture_output=True, text=True, timeout=300, check=False)  # fmt: skip
    assert tested.returncode == 0, tested.stdout
    again = run(
        "programme",
        "new",
        "lingang",
        "--out",
        to,
        "--starts",
        "2024-01-01",
        given=ANSWERS,
        cwd=tmp_path,
    )
    assert again.returncode == 2 and "is there already" in again.stderr
    world = run(
        "simulate",
        "--packs",
        to,
        "--programme",
        "lingang",
        "--claims",
        "60",
        "--seed",
        "3",
        "--out",
        tmp_path / "w",
        cwd=tmp_path,
    )
    assert world.returncode == 0, world.stderr
    assert (tmp_path / "w").is_dir() and "lingang" in (tmp_path / "w" / "claims.csv").read_text(
        "utf-8"
    )


def test_a_limit_that_is_no_number_is_refused(tmp_path):
    made = run(
        "programme",
        "new",
        "x1",
        "--out",
        tmp_path,
        "--starts",
        "2024-01-01",
        given="甲\nA\nmuch\n",
        cwd=tmp_path,
    )
    assert made.returncode == 2 and "'much' is no number" in made.stderr
