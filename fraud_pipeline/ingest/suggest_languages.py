"""Headers of public tenders and payments in ten languages, without accents, by what they mean.

English, Spanish, French, German, Portuguese, Italian, Dutch, Polish, Swedish, Czech.
"""

from __future__ import annotations

_AMOUNT = (
    "amount value price total net gross sum spend paid importe monto valor montant prix betrag summe preis preco "
    "importo prezzo bedrag prijs kwota wartosc cena belopp pris summa castka reembolsado"
)
_DATE = "date day fecha datum data dzien datumet issuedate paymentdate invoicedate celebracion"
_SUPPLIER = (
    "supplier vendor merchant contractor payee provider seller proveedor contratista fournisseur titulaire "
    "prestataire lieferant auftragnehmer fornecedor contratado fornitore aggiudicatario leverancier dostawca "
    "wykonawca leverantor dodavatel beneficiary creditor kreditor"
)
_BUYER = (
    "buyer cardholder card department directorate agency applicant authority body claimant client entity "
    "dependencia comprador entidad unidad acheteur organisme auftraggeber dienststelle orgao senador deputado "
    "area division office team committente ente stazione opdrachtgever zamawiajacy kopare bestallare myndighet zadavatel odberatel"
)
_NUMBER = (
    "transaction document reference voucher number id folio codigo numero nummer numer cislo aktenzeichen "
    "expediente urn ref dokument documento identifier key no nr"
)
_KIND = (
    "category expense type kind subjective purpose rubro concepto tipo categorie categoria kategorie kostenart art "
    "despesa soort kategoria rodzaj kategori typ druh kategorie"
)
_TEXT = (
    "description title details narrative descripcion titulo objet objeto oggetto beschreibung bezeichnung "
    "descricao descrizione omschrijving opis tytul beskrivning popis nazev discriminacao detalhamento"
)
_WORDS: dict[str, str] = {
    "claim_id": _NUMBER,
    "enterprise_id": _BUYER,
    "institution_id": _SUPPLIER,
    "service_type": _KIND,
    "contract_amount": _AMOUNT,
    "claimed_amount": f"claimed reimbursed requested solicitado beantragt demande {_AMOUNT}",
    "submitted_on": _DATE,
    "quantity": "quantity qty cantidad menge quantite quantidade quantita aantal ilosc antal mnozstvi",
    "service_title": _TEXT,
    "contract_id": "contract contrato contrat vertrag contratto umowa avtal smlouva invoice factura facture rechnung",
    "invoice_no": "invoice factura facture rechnung fatura fattura factuur faktura",
    "amount": _AMOUNT,
    "issued_on": _DATE,
    "paid_on": f"payment pago zahlung paiement {_DATE}",
    "signed_on": _DATE,
    "name": "name nombre nom firma nome naam nazwa namn nazev razon company",
    "seller_id": _SUPPLIER,
    "buyer_id": _BUYER,
    "payee_id": _SUPPLIER,
    "region": "region city state provincia ville stadt cidade citta plaats miasto ort mesto estado",
    "address": "address direccion adresse endereco indirizzo adres adress",
    "phone": "phone telefono telephone telefon telefone telefoon",
}  # fmt: skip
HEADER_WORDS_ABROAD: dict[str, frozenset[str]] = {
    column: frozenset(words.split()) for column, words in _WORDS.items()
}
# what a claim needs each of its required columns for
NEEDED_FOR: dict[str, str] = {
    "claim_id": "naming a claim in every list; without one: compose it of columns or {row}",
    "programme": "the rules that apply",
    "enterprise_id": "who received: concentration, splits, repeats; without one: a constant for the one who pays",
    "institution_id": "who was paid: rings, repeats, prices of a supplier",
    "service_type": "comparing prices with like services; without one: the constant other",
    "contract_amount": "prices, limits and repeated amounts",
    "claimed_amount": "the money at risk; the same column as contract_amount where there is one amount only",
    "submitted_on": "order in time, bursts, splits on one day, rules in force; a list of one month: the constant 2023-09",
}  # fmt: skip
