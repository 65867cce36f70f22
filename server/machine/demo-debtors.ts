import { foldName } from '../debtors/names.ts';
import { readPhone, type PhoneNumber } from '../debtors/phones.ts';
import type { Language } from '../contract/people.ts';

/** A debtor who does not exist. Amounts in minor units. */
export interface InventedDebtor {
  name: string;
  foldedName: string;
  language: Language;
  country: string;
  address: string;
  zones: readonly string[];
  creditor: string;
  phones: PhoneNumber[];
  debts: { account: string; product: string; currency: string; amountMinor: bigint; daysLate: number }[];
}

interface Place {
  country: 'SA' | 'IR' | 'US';
  currency: string;
  creditor: string;
  /** Least and most of a debt, in minor units. */
  amounts: readonly [number, number];
  firstNames: readonly string[];
  lastNames: readonly string[];
  cities: readonly string[];
  products: readonly string[];
  /** The n-th number that ends in these two digits: valid in form, of ranges that are given to nobody or reserved for fiction. */
  number: (n: number, ending: string) => string;
}

/** Area codes whose 555-0100 to 555-0199 are reserved for fiction. */
const AREA_CODES = ['212', '202', '312', '415', '617', '305', '713', '206', '404', '602', '303', '702', '503', '615'];

const PLACES: Readonly<Record<Language, Place>> = {
  ar: {
    country: 'SA',
    currency: 'SAR',
    creditor: 'بنك النخيل التجريبي',
    amounts: [40_000, 4_500_000],
    firstNames: 'محمد أحمد عبدالله خالد سعود فهد نورة سارة هند منى ليلى ريم يوسف عمر ماجد تركي لطيفة العنود بدر سلمان'.split(' '),
    lastNames:
      'العتيبي القحطاني الغامدي الزهراني الشمري الدوسري الحربي المطيري العنزي السبيعي الشهري الرشيدي البقمي الجهني'.split(' '),
    cities: 'الرياض جدة الدمام أبها تبوك بريدة حائل نجران'.split(' '),
    products: ['بطاقة ائتمان', 'قرض شخصي', 'تمويل سيارة'],
    number: (n, ending) => `+9665000${String(n).padStart(3, '0')}${ending}`,
  },
  fa: {
    country: 'IR',
    currency: 'IRR',
    creditor: 'لیزینگ نمونهٔ سپیدار',
    amounts: [30_000_000, 2_500_000_000],
    firstNames: 'علی رضا حسین محمد مهدی زهرا فاطمه مریم نرگس سمیرا پریسا کاوه آرش بهرام شیرین الهام نیما سعید لیلا گلناز'.split(
      ' ',
    ),
    lastNames: 'احمدی محمدی حسینی رضایی کریمی موسوی جعفری صادقی رحیمی قاسمی نوری پارسا کاظمی یزدانی'.split(' '),
    cities: 'تهران مشهد اصفهان شیراز تبریز کرمان رشت یزد'.split(' '),
    products: ['لیزینگ خودرو', 'کارت اعتباری', 'وام خرید کالا'],
    number: (n, ending) => `+98912000${String(n).padStart(2, '0')}${ending}`,
  },
  en: {
    country: 'US',
    currency: 'USD',
    creditor: 'Demo Harbor Credit',
    amounts: [7_500, 1_200_000],
    firstNames:
      'James Mary Robert Linda Michael Susan David Karen Daniel Nancy Paul Lisa Mark Betty Steven Ashley Kevin Emily Brian Donna'.split(
        ' ',
      ),
    lastNames:
      'Hollis Barlow Whitfield Penrose Aldridge Stanton Mercer Langford Harlow Pickett Ashdown Radley Thorne Wexley'.split(' '),
    cities: ['Springfield', 'Riverton', 'Fairview', 'Lakeside', 'Milford', 'Ashland', 'Clayton', 'Dover'],
    products: ['Credit card', 'Personal loan', 'Medical bill'],
    number: (n, ending) => `+1${AREA_CODES[n] ?? '212'}55501${ending}`,
  },
};

/** The endings that act like people, machines and faults (dialplans/README.md); 97 and 98 are for measurements. */
const ENDINGS = Array.from({ length: 100 }, (_, n) => String(n).padStart(2, '0')).filter(
  (ending) => ending !== '97' && ending !== '98',
);

/** Coprime with the number of endings, so that neighbours in the list behave differently and each ending comes equally often. */
const STRIDE = 37;

/** The same debtors at every call: `perLanguage` each of Arabic, Persian and English, one or two debts and one or two numbers each. */
export function inventDebtors(perLanguage: number): InventedDebtor[] {
  return (Object.keys(PLACES) as Language[]).flatMap((language) =>
    Array.from({ length: perLanguage }, (_, index) => invent(language, PLACES[language], index)),
  );
}

function invent(language: Language, place: Place, index: number): InventedDebtor {
  const pick = <T>(from: readonly T[], salt: number): T => from[scatter(index, salt) % from.length] as T;
  const name = `${pick(place.firstNames, 1)} ${pick(place.lastNames, 2)}`;
  const phones = [phoneOf(place, index)];
  const zones = [...new Set(phones.flatMap((phone) => phone.zones))];
  const debts = Array.from({ length: 1 + (scatter(index, 3) % 3 === 0 ? 1 : 0) }, (_, nth) => ({
    account: `DEMO-${place.country}-${String(index + 1).padStart(5, '0')}-${nth + 1}`,
    product: pick(place.products, 4 + nth),
    currency: place.currency,
    amountMinor: amountOf(place, scatter(index, 6 + nth)),
    daysLate: 10 + (scatter(index, 8 + nth) % 900),
  }));
  return {
    name,
    foldedName: foldName(name),
    language,
    country: place.country,
    address: pick(place.cities, 10),
    zones,
    creditor: place.creditor,
    phones,
    debts,
  };
}

/** Many small debts and few large ones, in round hundreds. */
function amountOf({ amounts: [least, most] }: Place, chance: number): bigint {
  const share = (chance % 1_000) / 1_000;
  return BigInt(Math.round((least + (most - least) * share ** 3) / 100) * 100);
}

function phoneOf(place: Place, index: number): PhoneNumber {
  const ending = ENDINGS[(index * STRIDE) % ENDINGS.length] ?? '00';
  const phone = readPhone(place.number(Math.floor(index / ENDINGS.length), ending), place.country);
  if (!phone) throw new Error(`The demo's ${index}th number in ${place.country} is not a valid one`);
  return phone;
}

/** A whole number from 0 on that looks arbitrary and is always the same: a step of the 32-bit mixer of MurmurHash3. */
function scatter(index: number, salt: number): number {
  let bits = Math.imul(index + 1, 0x9e37_79b1) ^ Math.imul(salt, 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
