import { LIST_FIELDS, type ListField } from '../../contract/imports.ts';

export const FIELDS = LIST_FIELDS;
export type Field = ListField;

const ENGLISH_PHONES =
  'phone, phones, phone number, mobile, mobile number, cell, cell phone, telephone, tel, contact number, home phone, work phone';
const ARABIC_PHONES = 'جوال, رقم جوال, هاتف, رقم هاتف, موبايل, رقم موبايل, تليفون, محمول, رقم محمول, هاتف منزل, هاتف عمل';
const PERSIAN_PHONES =
  'تلفن, شماره تلفن, تلفن همراه, موبایل, شماره موبایل, همراه, شماره همراه, شماره تلفن همراه, شماره تماس, تلفن ثابت, تلفن منزل';

const GUARANTOR = related(
  'guarantor, surety, co signer, cosigner, co signor, cosignor',
  'الكفيل, كفيل, الكفيل الغارم, الضامن',
  'ضامن, ضامن وام',
);
const CO_DEBTOR = related(
  'co debtor, joint debtor, co borrower, joint borrower, co applicant, joint applicant, co obligor',
  'المدين المشارك, المدين المتضامن, المقترض المشارك, مدين مشارك, مدين متضامن, مقترض مشارك',
  'بدهکار مشترک, هم بدهکار, وام گیرنده مشترک, متعهد مشترک, شریک وام',
);
const ATTORNEY = related(
  'attorney, lawyer, legal representative, legal counsel, solicitor',
  'المحامي, محامي, محام, الوكيل القانوني, الوكيل الشرعي, الممثل القانوني',
  'وکیل, وکیل بدهکار, وکیل دادگستری, نماینده قانونی',
);

/** Header words by field, in English, Arabic and Persian; spelling, case, punctuation and trailing digits do not matter. */
export const SYNONYMS: Readonly<Record<Field, readonly string[]>> = {
  account: words(
    'account, account number, account no, account ref, account id, acct, contract, contract number, contract no',
    'loan number, loan id, invoice, invoice number, debt id, reference',
    'رقم الحساب, الحساب, كود العميل, رقم العقد, رقم القرض, رقم الفاتورة, رقم العميل, رقم المديونية',
    'شماره قرارداد, شماره حساب, شماره پرونده, شماره تسهیلات, شماره وام, کد قرارداد',
  ),
  name: words(
    'name, full name, customer name, debtor, debtor name, client name, borrower, borrower name',
    'الاسم, اسم, اسم العميل, اسم المدين, الاسم الكامل, اسم المشترك, المدين',
    'نام, نام بدهکار, نام مشتری, نام و نام خانوادگی, بدهکار, نام کامل',
  ),
  identity: words(
    'national id, id number, nid, customer ref, customer reference, customer id, customer number, iqama, ssn',
    'رقم الهوية, الهوية, الرقم القومي, رقم قومي, الهوية الوطنية, رقم الإقامة, رقم البطاقة',
    'کد ملی, شماره ملی, شناسه ملی',
  ),
  phone: words(
    'phone, phones, phone number, mobile, mobile number, cell, cell phone, telephone, tel, home phone',
    'work phone, other phone, second phone, alternate phone, contact number',
    'الجوال, جوال, رقم الجوال, هاتف, الهاتف, رقم الهاتف, هاتف آخر, هاتف المنزل, هاتف العمل, هاتف ثان',
    'الموبايل, موبايل, رقم الموبايل, تليفون, التليفون, تليفون المنزل, المحمول, رقم المحمول',
    'تلفن, تلفن همراه, موبایل, شماره موبایل, شماره همراه, همراه, تلفن دوم, تلفن ثابت, تلفن منزل, شماره تماس',
  ),
  amount: words(
    'amount, balance, amount due, balance due, outstanding, outstanding balance, debt, debt amount, total due',
    'المبلغ, المبلغ المستحق, الرصيد, مبلغ المديونية, المديونية, قيمة الدين, الرصيد المستحق',
    'مبلغ, مبلغ بدهی, بدهی, مانده, مانده بدهی, مبلغ معوق',
  ),
  due: words(
    'due, due date, date due, default date, maturity, maturity date',
    'تاريخ الاستحقاق, الاستحقاق, موعد السداد, تاريخ السداد',
    'سررسید, تاریخ سررسید, موعد پرداخت',
  ),
  address: words(
    'address, street address, home address, mailing address, full address',
    'العنوان, عنوان, عنوان السكن, عنوان المنزل',
    'نشانی, آدرس, نشانی منزل, محل سکونت',
  ),
  product: words('product, product type, loan type', 'المنتج, نوع المنتج, نوع القرض', 'محصول, نوع تسهیلات'),
  language: words('language, preferred language', 'اللغة, لغة التواصل', 'زبان'),
  iban: words('iban, bank account iban', 'الآيبان, رقم الآيبان, ايبان', 'شبا, شماره شبا'),
  region: words('state, province, region, state province, us state', 'الولاية, المقاطعة', 'استان, ایالت'),
  guarantor: GUARANTOR.names,
  guarantor_phone: GUARANTOR.phones,
  co_debtor: CO_DEBTOR.names,
  co_debtor_phone: CO_DEBTOR.phones,
  attorney: ATTORNEY.names,
  attorney_phone: ATTORNEY.phones,
  action: words(
    'action, change, change type, transaction type, event, event type',
    'الإجراء, نوع الإجراء, نوع الحركة, الحركة',
    'عملیات, نوع عملیات, نوع تراکنش, نوع تغییر',
  ),
  date: words(
    'date, payment date, paid on, value date, event date, transaction date',
    'التاريخ, تاريخ الدفع, تاريخ الحركة',
    'تاریخ, تاریخ پرداخت, تاریخ تراکنش',
  ),
  reference: words(
    'payment reference, payment id, transaction id, transaction reference, receipt, receipt number',
    'رقم العملية, رقم السند, رقم الإيصال, مرجع الدفع',
    'شماره پیگیری, کد رهگیری, شماره تراکنش, شماره رسید',
  ),
};

/** Headers of a person's name and phone: the words for who they are, alone and with what stands before or behind them. */
function related(english: string, arabic: string, persian: string): { names: readonly string[]; phones: readonly string[] } {
  const [en, ar, fa] = [words(english), words(arabic), words(persian)];
  const names = [
    ...en.flatMap((who) => [who, `${who} name`, `${who} full name`, `name of ${who}`]),
    ...ar.flatMap((who) => [who, `اسم ${who}`]),
    ...fa.flatMap((who) => [who, `نام ${who}`, `نام و نام خانوادگی ${who}`]),
  ];
  const phones = [
    ...en.flatMap((who) => words(ENGLISH_PHONES).map((phone) => `${who} ${phone}`)),
    ...ar.flatMap((who) => words(ARABIC_PHONES).map((phone) => `${phone} ${who}`)),
    ...fa.flatMap((who) => words(PERSIAN_PHONES).map((phone) => `${phone} ${who}`)),
  ];
  return { names, phones };
}

function words(...lists: string[]): string[] {
  return lists.flatMap((list) => list.split(', '));
}
