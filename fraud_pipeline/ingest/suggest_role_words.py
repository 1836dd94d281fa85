"""More words of headers of payment lists, by the part a column plays, without accents.

Russian, Ukrainian, Bulgarian, Turkish, Greek, Hungarian, Romanian, Danish, Norwegian, Finnish, Croatian,
Indonesian, Vietnamese and Arabic stand as words; Korean, Japanese, Thai and traditional Chinese, which are
written without spaces, are found anywhere in a header.
"""

from __future__ import annotations

# part -> (strong, weak, against)
WORDS: dict[str, tuple[str, str, str]] = {
    "payee": (
        "winner win awardee vendedor proponente "
        "поставщик поставщика исполнитель подрядчик получатель контрагент победитель "
        "постачальник виконавець отримувач переможець изпълнител доставчик бенефициент "
        "yuklenici tedarikci firma satici istekli alici "
        "αναδοχος προμηθευτης δικαιουχος szallito kedvezmenyezett partner nyertes vallalkozo furnizor beneficiar prestator "
        "leverandor modtager mottaker toimittaja saaja dobavljac primatelj "
        "penyedia rekanan pemenang thau thầu المورد المقاول المستفيد الشركة مورد שם_ספק ספק",
        "наименование организация компания unvan sirket επωνυμια nev denumire navn nimi nama ten اسم",
        "инн кпп огрн едрпоу егн егрпоу vergi adres αφμ adoszam cui cvr orgnr npwp mst",
    ),
    "payer": (
        "заказчик покупатель плательщик ведомство министерство департамент учреждение замовник платник розпорядник "
        "възложител birim mudurluk idare kurum daire φορεας αναθετουσα ajanlatkero megrendelo autoritate forvaltning "
        "kommune etat yksikko narucitelj satuan kerja instansi opd skpd dau الجهة الوزارة awarding cae",
        "организации підрозділ hivatal unitate enhed",
        "инн кпп огрн едрпоу alici",
    ),
    "amount": (
        "сумма цена стоимость оплата выплата сума вартість ціна стойност цена tutar bedel tutari bedeli fiyat odeme "
        "ποσο αξια δαπανη osszeg ertek ara kifizetes suma valoare pret belob bidrag summa maara iznos vrijednost "
        "nilai harga pagu anggaran gia tien مبلغ قيمة القيمة المبلغ obligations outlay outlays disbursed kwota",
        "руб грн лв tl netto brutto",
        "номер количество ндс no sayisi adet αριθμος szama numar antal",
    ),
    "date": (
        "дата день датата tarih tarihi ημερομηνια datum datuma kelte idopont dato paiva paivamaara tanggal tgl ngay التاريخ تاريخ dt",
        "период срок подписания donem idoszak",
        "окончания исполнения bitis λήξης lejarat selesai",
    ),
    "document": ("счет счёт накладная fatura τιμολογιο szamla szamlaszam faktura lasku račun racun hoa don فاتورة", "", "дата tarihi tutari сумма"),
    "number": (
        "номер реестровый contracto sira sozlesme αδα αριθμος szama szerzodes numar kontrakt nomor stt رقم piid",
        "п lp sorszam",
        "инн кпп дата сумма tarihi tutari телефон",
    ),
    "year": ("год рік година yil ετος ev anul vuosi godina tahun nam", "", ""),
    "month": ("месяц місяць месец ay μηνας honap luna kuukausi mjesec bulan thang", "", ""),
    "agreed": ("заключения", "", ""),
    "paid": ("оплаты платежа odeme πληρωμης kifizetes pagado pagamento", "", ""),
}  # fmt: skip
# part -> words found anywhere in a header
ANYWHERE: dict[str, str] = {
    "payee": "거래처 업체명 계약상대 상대자 공급업체 수급자 지급처 받는 낙찰 수령 사용처 가맹점 보조사업자 보조단체 수혜 지원대상 단체명 相手方 取引先 業者名 受注者 落札者 事業者 交付決定 "
    "ผู้รับจ้าง ผู้ขาย คู่สัญญา ผู้ชนะ ผู้รับเงิน 廠商 受款人 得標 受補助 補助事業者 補助金交付先 採択 決標廠商",
    "payer": "부서 기관명 발주 담당 집행기관 소속 担当課 部署 所管 発注者 機関名 府省 หน่วยงาน ผู้ว่าจ้าง 機關 招標機關 單位名稱 補助機關",
    "amount": "금액 집행액 지급액 계약금 단가합계 교부액 보조금액 지원액 金額 決定額 交付額 補助額 支給額 助成額 確定額 支出額 契約額 落札価格 価格 จำนวนเงิน ราคา วงเงิน มูลค่า 經費 補助金",
    "date": "일자 교부일 결정일 날짜 일시 계약일 집행일 지급일 年月日 締結日 支払日 契約日 日付 決定日 วันที่ 決標日 付款日 日期",
    "document": "영수증 세금계산서 계산서 전표번호 請求書番号 伝票番号 ใบแจ้งหนี้ 發票",
    "number": "번호 연번 순번 番号 整理番号 ลำดับ เลขที่ 序號 案號 編號",
    "year": "연도 년도 年度 ปี",
    "month": "월 月 เดือน",
    "agreed": "계약 교부결정 決定 契約 決標",
    "paid": "지급 집행 支払 付款 支出",
}  # fmt: skip
