import { LIST_FIELDS, type ListField } from '../../contract/imports.ts';

export const FIELDS = LIST_FIELDS;
export type Field = ListField;

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

function words(...lists: string[]): string[] {
  return lists.flatMap((list) => list.split(', '));
}
