"""Public lists as offices of many countries export them: drafted, read, and nothing misread or lost."""

import csv
import datetime
import gzip
import io
import zipfile

import openpyxl
import pyarrow.compute as pc
import pytest

from fraud_pipeline import ingest
from fraud_pipeline.cli import check_report
from fraud_pipeline.errors import InputError
from fraud_pipeline.ingest.calendars import western
from fraud_pipeline.ingest.encodings import as_utf8
from fraud_pipeline.settings import IngestSettings
from fraud_pipeline.store.sources import open_sources
from tests.ingest.drafts import loaded_by_draft

N = 40
DAYS = [datetime.date(2023, 1 + k % 12, 1 + (7 * k) % 28) for k in range(N)]
AMOUNTS = [1_234_567 + 7_777 * k for k in range(N)]


def grouped(amount, mark, decimals=""):
    return f"{amount:,}".replace(",", mark) + decimals


def table(header, rows, delimiter=","):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([header, *rows])
    return text.getvalue()


def must_hold(read, payees):
    claims = read.tables["claims"]
    assert claims["submitted_on"].to_pylist() == DAYS
    assert [int(a) for a in claims["contract_amount"].to_pylist()] == AMOUNTS
    assert set(claims["institution_id"].to_pylist()) == set(payees)


# encoding, delimiter, headers (number, payer, day, payee, amount), payees, day, amount
LISTS = {
    "korean": ("euc-kr", ",", "번호 부서명 집행일자 거래처명 집행금액(원)", ["주식회사 한빛", "대한건설"],
               lambda d: f"{d:%Y.%m.%d}", lambda a: grouped(a, ",")),
    "korean_spaced_day": ("utf-8-sig", ",", "연번 부서 지급일 업체명 금액", ["한국전력", "세종상사"],
                          lambda d: f"{d.year}. {d.month}. {d.day}.", lambda a: grouped(a, ",") + "원"),
    "japanese_era": ("cp932", ",", "整理番号 担当課 契約締結日 契約の相手方 契約金額（円）", ["株式会社山田組", "東京清掃センター"],
                     lambda d: f"令和{d.year - 2018}年{d.month}月{d.day}日", lambda a: grouped(a, ",") + "円"),
    "japanese_letter": ("cp932", ",", "番号 支出部署 支払日 支払先 支払金額", ["鈴木工業", "ｶ)ﾔﾏﾀﾞ"],
                        lambda d: f"R{d.year - 2018}.{d.month}.{d.day}", lambda a: grouped(a, ",")),
    "taiwan": ("big5", ",", "序號 機關名稱 決標日期 得標廠商 決標金額(元)", ["台灣電力股份有限公司", "大同工程顧問"],
               lambda d: f"{d.year - 1911}/{d.month:02d}/{d.day:02d}", str),
    "thai": ("utf-8", ",", "ลำดับ หน่วยงาน วันที่ ผู้รับจ้าง จำนวนเงิน", ["บริษัท สยามก่อสร้าง", "ห้างหุ้นส่วน รุ่งเรือง"],
             lambda d: f"{d.day:02d}/{d.month:02d}/{d.year + 543}", lambda a: grouped(a, ",", ".00")),
    "russian": ("cp1251", ";", "№ Заказчик Дата Поставщик Сумма", ["ООО «Ромашка»", "АО СТРОЙИНВЕСТ"],
                lambda d: f"{d:%d.%m.%Y}", lambda a: grouped(a, " ", ",00") + " руб."),
    "ukrainian": ("utf-8", ";", "Номер Замовник Дата Постачальник Сума", ["ФОП Шевченко", "КП Київводоканал"],
                  lambda d: f"{d:%d.%m.%Y}", lambda a: grouped(a, "\u00a0", ",00") + " грн"),
    "polish": ("cp1250", ";", "Lp Wydział Data Wykonawca Kwota", ["Spółka Łąka", "Jan Wiśniewski"],
               lambda d: f"{d:%d.%m.%Y}", lambda a: grouped(a, " ", ",00") + " zł"),
    "czech": ("cp1250", ";", "Číslo Odbor Datum Dodavatel Částka", ["Úklid Žižkov", "Řehoř s.r.o."],
              lambda d: f"{d.day}. {d.month}. {d.year}", lambda a: grouped(a, " ") + " Kč"),
    "hungarian": ("cp1250", ";", "Sorszám Hivatal Dátum Szállító Összeg", ["Építő Kft.", "Győri Vízmű"],
                  lambda d: f"{d:%Y.%m.%d.}", lambda a: grouped(a, " ") + " Ft"),
    "turkish": ("cp1254", ";", "Sıra Birim Tarih Firma Tutar", ["Yıldız İnşaat A.Ş.", "Çağdaş Yazılım"],
                lambda d: f"{d:%d.%m.%Y}", lambda a: grouped(a, ".", ",00") + " TL"),
    "greek": ("cp1253", ";", "ΑΔΑ Φορέας Ημερομηνία Ανάδοχος Ποσό", ["ΤΕΧΝΙΚΗ ΑΕ", "Δημοτική Επιχείρηση"],
              lambda d: f"{d:%d/%m/%Y}", lambda a: grouped(a, ".", ",00")),
    "arabic": ("cp1256", ",", "رقم الجهة التاريخ المورد المبلغ", ["شركة النور للمقاولات", "مؤسسة الأمل"],
               lambda d: f"{d:%d/%m/%Y}", lambda a: grouped(a, ",", ".00")),
    "vietnamese": ("utf-8", ",", "STT Đơn_vị Ngày Nhà_thầu Giá", ["Công ty TNHH Hà Nội", "Sao Việt"],
                   lambda d: f"{d:%d/%m/%Y}", lambda a: grouped(a, ".")),
    "indonesian": ("utf-8", ",", "No Instansi Tanggal Penyedia Nilai", ["PT Maju Jaya", "CV Sumber"],
                   lambda d: f"{d:%d-%m-%Y}", lambda a: "Rp " + grouped(a, ".", ",00")),
    "indian": ("utf-8", ",", "S.No. Department Date Vendor Amount(Rs.)", ["Sharma Traders", "Bharat Infra"],
               lambda d: f"{d:%d-%m-%Y}", lambda a: f"Rs. {a // 100000},{a % 100000 // 1000:02d},{a % 1000:03d}.00"),
    "swiss": ("cp1252", ";", "Beleg Amt Datum Lieferant Betrag", ["Müller AG", "Zürcher Bau GmbH"],
              lambda d: f"{d:%d.%m.%Y}", lambda a: grouped(a, "'", ".00")),
    "french": ("utf-8", ";", "Référence Attribuant Date Bénéficiaire Montant", ["Société Dupont", "Café des Arts"],
               lambda d: f"{d:%d/%m/%Y}", lambda a: grouped(a, "\u202f", ",00")),
    "thousands": ("utf-8", ",", "Ref Directorate Date Supplier Amount_(£000)", ["Acme Ltd", "Kier"],
                  lambda d: f"{d:%d %B %Y}", lambda a: f"{a / 1000:.3f}"),
}  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_a_public_list_is_drafted_and_read_without_a_word_of_help(tmp_path, name):
    encoding, delimiter, headers, payees, day, amount = LISTS[name]
    header = [h.replace("_", " ") for h in headers.split()]
    rows = [[k + 1, f"{header[1]} {k % 2}", day(d), payees[k % 2], amount(a)]
            for k, (d, a) in enumerate(zip(DAYS, AMOUNTS, strict=True))]  # fmt: skip
    path = tmp_path / "list.csv"
    path.write_bytes(table(header, rows, delimiter).encode(encoding))
    must_hold(loaded_by_draft(path), payees)


WORDS = {
    "cp1250": "Żółta łódka;Gdańsk;Wiśniewski;Usługi", "cp1252": "Café Münster;São Paulo;Straße",
    "cp1254": "Şişli Belediyesi;Çağdaş;İnşaat", "cp1257": "Šiauliai;ąžuolas;ėjimas;Vilniaus miestas",
    "cp1251": "МИНИСТЕРСТВО ФИНАНСОВ;ремонт дорог", "cp1253": "Δήμος Αθηναίων;ΕΡΓΑ ΟΔΟΠΟΙΙΑΣ",
    "cp1255": "עיריית תל אביב;ספק שירותי ניקיון", "cp1256": "وزارة المالية;شركة المستقبل للتجارة",
    "cp874": "กรมทางหลวง;งานก่อสร้างถนน", "cp949": "서울특별시 시설관리공단;삼성전자 주식회사;현대건설",
    "cp932": "株式会社デンソー;東京都新宿区", "big5": "台北市政府工務局;財團法人研究院",
    "euc_jp": "ひらがなの会社;アイウエオ商事", "gb18030": "武汉市科技局;国家知识产权局专利局;检测费",
}  # fmt: skip


@pytest.mark.parametrize("encoding", WORDS)
def test_a_code_page_is_known_by_the_letters_it_makes(encoding):
    text = "\n".join([WORDS[encoding]] * 3)
    assert as_utf8(text.encode(encoding), "x.csv")[0].decode() == text


@pytest.mark.parametrize(
    ("cell", "common"),
    [("民國113年5月3日", "2024年5月3日"), ("中華民國113年5月3日", "2024年5月3日"), ("令和元年5月1日", "2019年5月1日"),
     ("H31.4.30", "2019.4.30"), ("112/05/03", "2023/05/03"), ("31/01/2566", "31/01/2023"),
     ("2016-05-03", "2016-05-03"), ("12/05/2016", "12/05/2016"), ("R2D2", "R2D2"), ("999/01/01", "999/01/01")],
)  # fmt: skip
def test_years_of_other_calendars(cell, common):
    assert western(cell) == common


def plain_list():
    return table(
        ["Supplier", "Date", "Amount"], zip(["A Ltd", "B Ltd"] * 20, DAYS, AMOUNTS, strict=True)
    )


def test_packed_lists_are_read_in_memory(tmp_path):
    with zipfile.ZipFile(tmp_path / "list.zip", "w") as archive:
        archive.writestr("folder/spend.csv", plain_list())
        archive.writestr("__MACOSX/._spend.csv", "x")
        archive.writestr("readme.pdf", "x")
    (tmp_path / "list.csv.gz").write_bytes(gzip.compress(plain_list().encode()))
    (tmp_path / "list.txt").write_text(plain_list().replace(",", "|"))
    for name in ("list.zip", "list.csv.gz", "list.txt"):
        must_hold(loaded_by_draft(tmp_path / name), ["A Ltd", "B Ltd"])


@pytest.mark.parametrize(
    ("name", "files", "line"),
    [("a.zip", {"a.csv": "x", "b.csv": "y"}, r"several files \(a.csv, b.csv\)"), ("b.zip", {"a.pdf": "x"}, "no file of the kinds"),
     ("c.zip", None, "cannot be unpacked"), ("d.csv.gz", None, "cannot be unpacked")],
)  # fmt: skip
def test_a_packed_file_that_is_none_ends_in_one_line(tmp_path, name, files, line):
    path = tmp_path / name
    if files is None:
        path.write_bytes(b"\x1f\x8b no archive")
    else:
        with zipfile.ZipFile(path, "w") as archive:
            for inner, text in files.items():
                archive.writestr(inner, text)
    with pytest.raises(InputError, match=line):
        open_sources(str(path), frozenset({"claims"}))


def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr("fraud_pipeline.store.sources.MAX_BYTES", 1000)
    with zipfile.ZipFile(tmp_path / "z.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", "0" * 10_000)
    with pytest.raises(InputError, match="more than can be read"):
        open_sources(str(tmp_path / "z.zip"), frozenset())


def test_a_workbook_of_months_is_one_list_and_its_totals_are_no_payments(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Cover"
    book.active["A1"] = "Transparency data"
    for month in range(4):
        sheet = book.create_sheet(f"Q{month + 1}")
        sheet.append(["Payments of the council"])
        sheet.append(["Supplier", "Invoice", "Paid on", "Amount (£)"])
        at = range(10 * month, 10 * month + 10)
        for k in at:
            sheet.append(
                [
                    ["A Ltd", "B Ltd"][k % 2],
                    f"INV{k}",
                    datetime.datetime.combine(DAYS[k], datetime.time()),
                    AMOUNTS[k],
                ]
            )
        sheet.append(["TOTAL", None, None, sum(AMOUNTS[k] for k in at)])
    book.save(tmp_path / "months.xlsx")
    read = loaded_by_draft(tmp_path / "months.xlsx")
    must_hold(read, ["A Ltd", "B Ltd"])
    assert read.quarantine["reason_code"].to_pylist() == ["subtotal_row"] * 4


def test_a_list_without_names_of_columns_ends_in_one_line(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("\n".join(plain_list().splitlines()[1:]))
    with pytest.raises(InputError, match="the first row holds values"):
        check_report.write_mapping(str(path), IngestSettings(), tmp_path / "m.toml")


def test_what_is_missing_is_said_with_what_to_write(tmp_path):
    path = tmp_path / "claims.csv"
    path.write_text("claim_id,colour\n1,red\n")
    with pytest.raises(
        InputError, match=r"\[tables.claims.columns\] programme = .* one of claim_id, colour"
    ):
        ingest.load(open_sources(str(path), ingest.stems(None)), IngestSettings())


@pytest.mark.parametrize("month", ["%Y-%m", "%b-%y", "%m/%Y", "%Y年%m月"])
def test_a_month_without_a_day_is_said_to_be_a_month(tmp_path, month):
    path = tmp_path / "list.csv"
    rows = [
        [f"{'AB'[k % 2]} Ltd", f"{d:{month}}", a]
        for k, (d, a) in enumerate(zip(DAYS, AMOUNTS, strict=True))
    ]
    path.write_text(table(["Supplier", "Month", "Amount"], rows), "utf-8")
    read = loaded_by_draft(path)
    assert read.tables["claims"]["submitted_on"].to_pylist() == [d.replace(day=1) for d in DAYS]
    assert any("claims.submitted_on names a month and no day in 40 rows" in n for n in read.notes)
    assert read.repairs.filter(pc.equal(read.repairs["kind"], "day_missing")).num_rows == N
