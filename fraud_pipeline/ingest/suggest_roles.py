"""Words of headers in public lists of payments, grants and expenses, by the part a column plays.

English, Spanish, French, German, Portuguese, Italian, Dutch, Polish, Swedish, Czech and Chinese stand
here, those of further languages in ``suggest_role_words``, without accents. Words of five letters and more are also found inside longer ones (Fördersumme).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from fraud_pipeline.ingest.month_names import unaccented
from fraud_pipeline.ingest.suggest_role_words import ANYWHERE, WORDS

_INSIDE = 5  # letters of a word that is also looked for inside a longer one
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PARTS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Role:
    """``strong`` words name the part, ``weak`` ones may, ``against`` ones speak against it."""

    strong: frozenset[str]
    weak: frozenset[str]
    against: frozenset[str]
    anywhere: tuple[str, ...]  # words of scripts without spaces, found anywhere in a header

    def points(self, header: str) -> float:
        """How well a header names the part: 1 by a strong word, 0.5 by a weak one, less what speaks against it."""
        words = parts_of(header)
        points = 0.0
        if _has(words, self.strong) or any(w in header for w in self.anywhere):
            points = 1.0
        elif _has(words, self.weak):
            points = 0.5
        return points - (0.6 if _has(words, self.against) else 0.0)


def parts_of(header: str) -> frozenset[str]:
    """The words of a header: txtNomeFornecedor -> txt, nome, fornecedor."""
    return frozenset(_PARTS.findall(unaccented(_CAMEL.sub(" ", header)).lower()))


def _has(words: frozenset[str], known: frozenset[str]) -> bool:
    if words & known:
        return True
    return any(k in w for w in words if len(w) > _INSIDE for k in known if len(k) >= _INSIDE)


def _role(part: str, strong: str, weak: str = "", against: str = "", han: str = "") -> Role:
    """The words of a part; those of further languages are added to them."""
    further = WORDS[part]
    strong_words, weak_words, opposed = (
        frozenset(f"{own} {unaccented(other)}".split())
        for own, other in zip((strong, weak, against), further, strict=True)
    )
    return Role(strong_words, weak_words, opposed, (*han.split(), *ANYWHERE[part].split()))


_PLACE = (
    "address addr street city town state zip postcode postal region country county district province type kind "
    "category class code phone email latitude longitude adresse ville strasse ort plz stadt cidade municipio uf "
    "endereco direccion ciudad provincia codigo indirizzo citta size status"
)
_PARTY_NUMBER = "cf codice fiscale ssn tva ust id number no nr num nif cif cnpj cpf cnpjcpf siret siren vat ein duns uei tin rfc abn ico nip rut numero identifier"
ROLES: Mapping[str, Role] = {
    "payee": _role(
        "payee",
        "supplier vendor merchant contractor payee recipient beneficiary grantee awardee provider seller creditor "
        "proveedor adjudicatario contratista beneficiario perceptor fournisseur titulaire prestataire beneficiaire "
        "attributaire lieferant auftragnehmer empfanger empfaenger fornecedor favorecido contratado credor fornitore "
        "aggiudicatario leverancier ontvanger begunstigde dostawca wykonawca beneficjent odbiorca leverantor "
        "mottagare dodavatel prijemce kreditor kontrahent",
        "company firm organisation organization institution empresa entreprise firma applicant name nombre nom nome",
        f"{_PLACE} {_PARTY_NUMBER} first last middle department agency ministry parent project file",
        "供应商 乙方 受票 对方单位 对方户名 对方名称 往来单位 受款 收款 中标 成交 受益 承担单位 申报单位 申请单位 获奖单位 销售方 销方 卖方 商户 补助对象 企业名称 单位名称 机构名称 服务机构 支出先 支払先 交付先",
    ),
    "payer": _role(
        "payer",
        "department dept abteilung dezernat fachbereich referat amt departamento departement agency ministry directorate entity buyer cardholder card office division authority body "
        "claimant employee member payer funder awarding zuwendungsgeber fordergeber bewilligungsbehorde chain attribuant acheteur organo dependencia comprador orgao "
        "senador deputado parlamentar auftraggeber ressort ministerium dienststelle stazione committente amministrazione appaltante borrower opdrachtgever "
        "zamawiajacy kopare bestallare myndighet zadavatel traveller traveler councillor minister organisme ministere owner struttura forvaltning namnd afdeling",
        "service area unit bureau board directorate sector unidad division enterprise ente name nome nombre client "
        "customer fund institution",
        f"{_PLACE} {_PARTY_NUMBER} supplier vendor merchant payee recipient description file project amount date prog program programme title major",
        "主管部门 甲方 付款 购买方 购方 采购单位 采购人 预算单位 报销人 部门 资助单位",
    ),
    "amount": _role(
        "amount",
        "amount total net gross spend spent paid payment betrag summe montant prix importe valor vlr monto preis preco "
        "importo prezzo bedrag prijs kwota wartosc belopp summa castka obligation obligated award grant cost costs "
        "reembolsado liquido subvention zuwendung claimed expense cena",
        "value price sum eur gbp usd cad fee",
        "date number no nr id quantity qty tax vat iva mwst tva percent rate year glosa balance budget code type count "
        "currency retencion discount desconto deducted description title name "
        "applied requested estimated estimate consumed complessivo lotto budgeted licitacion estimado engineer",
        "金额 金額 资金 经费 价款 补助额 补贴额 补助 付款额 万元 元",
    ),
    "date": _role(
        "date",
        "date dated day fecha datum data dat dzien",
        "paid payment posted transaction invoice time month quarter period laufzeit von zeitraum",
        "end ends bis hasta fin ate expiry expires due birth dob updated modified created id number amount until "
        "termination completion close closing publication published pubblicazione publicacion publicacao veroffentlichung",
        "日期 时间 年月 支出日 交付日",
    ),
    "document": _role(
        "document",
        "invoice factura facture rechnung rechnungsnummer fatura fattura factuur faktura receipt recibo nota document documento "
        "dokument beleg belegnummer",
        "txtnumero numero",
        "date amount type description total net gross datum fecha data fornecedor supplier vendor",
        "发票号 票据号 凭证号 单据号",
    ),
    "number": _role(
        "number",
        "transaction reference voucher number id folio codigo numero nummer numer cislo aktenzeichen expediente urn cig "
        "ref identifier key warrant check cheque fkz fain contract award grant ide",
        "no nr num invoice line row record",
        "date amount supplier vendor merchant name type description department agency account phone postcode zip "
        "vat nif cif cnpj siret duns uei tin customer card employee year ano month mes",
        "编号 序号 单号 流水号",
    ),
    "year": _role("year", "year ano anno annee jahr jaar rok ar", against="birth fiscal founded"),
    "month": _role("month", "month mes mese mois monat maand miesiac manad mesic"),
    "paid": _role("paid", "paid payment pago zahlung paiement check cheque posting posted transaction celebracion", han="付款 支付 拨付"),
    "agreed": _role("agreed", "award awarded awarding contracted signed signing signature aggiudicazione adjudicacion adjudicado "
                    "notification attribution zuschlag bewilligung homologacao", han="签订 成交 中标 决定"),
}  # fmt: skip
