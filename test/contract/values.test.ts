import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CALENDARS, DATE_ORDERS, dateText, formatDate, isoDate, parseDate } from '../../server/contract/dates.ts';
import { DIGIT_SETS, localDigits, normaliseDigits, trimCell } from '../../server/contract/digits.ts';
import { exponentOf, formatMoney, isCurrency, majorText, parseAmount } from '../../server/contract/money.ts';

const anyText = fc.string({ unit: 'binary' });

function grouped(whole: string, mark: string): string {
  return whole.replaceAll(/\B(?=(?:[0-9]{3})+$)/g, mark);
}

describe('digits', () => {
  test('every decimal digit that Unicode knows folds to its value', () => {
    const unfolded: number[] = [];
    for (let code = 0; code < 0x20000; code += 1) {
      const character = String.fromCodePoint(code);
      if (/\p{Nd}/u.test(character) && !/^[0-9]$/.test(normaliseDigits(character))) unfolded.push(code);
    }
    expect(unfolded).toEqual([]);
    expect(normaliseDigits('۰۱۲۳۴۵۶۷۸۹ ٠١٢٣٤٥٦٧٨٩')).toBe('0123456789 0123456789');
  });

  test('what is shown in a digit set reads back as it was', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.constantFrom(...DIGIT_SETS), (value, digits) => {
        expect(normaliseDigits(localDigits(String(value), digits))).toBe(String(value));
      }),
    );
  });

  test('folding what is folded changes nothing, whatever the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const once = normaliseDigits(text);
        expect(normaliseDigits(once)).toBe(once);
        expect(trimCell(trimCell(text))).toBe(trimCell(text));
      }),
    );
  });

  test('a joiner inside a Persian word stays when a cell is trimmed', () => {
    expect(trimCell('\ufeff \u200fفاطمه\u200cسادات\u00a0')).toBe('فاطمه\u200cسادات');
  });
});

describe('money', () => {
  const currencies = ['SAR', 'EGP', 'IRR', 'USD', 'KWD'];
  const amounts = fc.bigInt({ min: 0n, max: 99_999_999_999_999n });

  const styles: { decimal: '.' | ','; write: (whole: string, fraction: string) => string }[] = [
    { decimal: '.', write: (whole, fraction) => grouped(whole, ',') + (fraction && `.${fraction}`) },
    { decimal: ',', write: (whole, fraction) => grouped(whole, '.') + (fraction && `,${fraction}`) },
    { decimal: '.', write: (whole, fraction) => localDigits(grouped(whole, '٬') + (fraction && `٫${fraction}`), 'arab') },
    { decimal: '.', write: (whole, fraction) => localDigits(grouped(whole, '٬') + (fraction && `٫${fraction}`), 'arabext') },
    { decimal: '.', write: (whole, fraction) => grouped(whole, ' ') + (fraction && `.${fraction}`) },
    { decimal: '.', write: (whole, fraction) => grouped(whole, "'") + (fraction && `.${fraction}`) },
  ];

  test('an amount written in any of the formats reads back as it was', () => {
    fc.assert(
      fc.property(amounts, fc.constantFrom(...currencies), fc.constantFrom(...styles), (minor, currency, style) => {
        const [whole = '', fraction = ''] = majorText(minor, currency).split('.');
        expect(parseAmount(style.write(whole, fraction), { currency, decimal: style.decimal })).toBe(minor);
      }),
    );
  });

  test('toman are ten rial each, also where the cell or its unit says so', () => {
    const toman = { currency: 'IRR', decimal: '.', toman: true } as const;
    expect(parseAmount('۸۱۳٬۲۰۰', toman)).toBe(8_132_000n);
    expect(parseAmount('۸۱۳٬۲۰۰ ریال', toman)).toBe(813_200n);
    expect(parseAmount('۵ تومان', { ...toman, toman: false })).toBe(50n);
    expect(formatMoney(8_132_000n, 'IRR', 'fa-IR', { toman: true })).toBe('۸۱۳٬۲۰۰');
  });

  test.each([
    ['12,34', '.', 'SAR'],
    ['1.500', '.', 'SAR'],
    ['42.80', ',', 'EGP'],
    ['1,23,456', '.', 'SAR'],
    ['12.345', '.', 'SAR'],
    ['$5', '.', 'SAR'],
    ['5 apples', '.', 'USD'],
    ['1e5', '.', 'USD'],
    ['--5', '.', 'USD'],
    ['', '.', 'USD'],
    ['-', '.', 'USD'],
    ['99999999999999999999', '.', 'USD'],
  ] as const)('%j with decimal %j in %s is no amount, rather than a guess', (text, decimal, currency) => {
    expect(parseAmount(text, { currency, decimal })).toBeNull();
  });

  test.each([
    ['١٢٬٣٤٥٫٥٠', '.', 'SAR', 1_234_550n],
    ['4.280,16', ',', 'EGP', 428_016n],
    ['$1,234.56', '.', 'USD', 123_456n],
    ['SAR 12.00', '.', 'SAR', 1_200n],
    ['١٢٫٠٠ ر.س', '.', 'SAR', 1_200n],
    ['(12.00)', '.', 'USD', -1_200n],
    ['-$5', '.', 'USD', -500n],
    ['1.234', '.', 'KWD', 1_234n],
  ] as const)('%j with decimal %j in %s is %s minor units', (text, decimal, currency, minor) => {
    expect(parseAmount(text, { currency, decimal })).toBe(minor);
  });

  test('no text makes reading an amount throw', () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom<'.' | ','>('.', ','), (text, decimal) => {
        expect(() => parseAmount(text, { currency: 'KWD', decimal })).not.toThrow();
      }),
    );
  });

  test('every currency has the decimals ISO 4217 gives it, the rial none', () => {
    expect([exponentOf('KWD'), exponentOf('SAR'), exponentOf('JPY'), exponentOf('IRR')]).toEqual([3, 2, 0, 0]);
    expect([isCurrency('SAR'), isCurrency('toString'), isCurrency('sar')]).toEqual([true, false, false]);
    expect(() => exponentOf('XXX')).toThrow(RangeError);
    expect(majorText(-5n, 'KWD')).toBe('-0.005');
  });
});

describe('dates', () => {
  const days = fc
    .integer({ min: 0, max: 60_000 })
    .map((day) => Temporal.PlainDate.from('1925-01-01').add({ days: day }).toString());

  test('a day written in any calendar and order reads back as it was', () => {
    fc.assert(
      fc.property(
        days,
        fc.constantFrom(...CALENDARS),
        fc.constantFrom(...DATE_ORDERS),
        fc.constantFrom(...DIGIT_SETS),
        (day, calendar, order, digits) => {
          expect(parseDate(localDigits(dateText(day, { calendar, order }), digits), { calendar, order })).toBe(day);
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each([
    ['١٤٤٥/٠٩/٢٥', 'hijri', 'ymd', '2024-04-04'],
    ['۱۴۰۳/۱۲/۳۰', 'jalali', 'ymd', '2025-03-20'],
    ['23/07/2024', 'gregorian', 'dmy', '2024-07-23'],
    ['07/23/2024', 'gregorian', 'mdy', '2024-07-23'],
    ['2024-07-23 00:00:00', 'gregorian', 'mdy', '2024-07-23'],
    ['١٤٤٥-٩-٢٥هـ', 'hijri', 'ymd', '2024-04-04'],
  ] as const)('%j in the %s calendar, %s, is %s', (text, calendar, order, iso) => {
    expect(parseDate(text, { calendar, order })).toBe(iso);
  });

  test.each([
    ['1447/13/40', 'hijri', 'ymd'],
    ['1404/12/30', 'jalali', 'ymd'],
    ['31/31/2025', 'gregorian', 'dmy'],
    ['30/02/2024', 'gregorian', 'dmy'],
    ['2025/01/01', 'hijri', 'ymd'],
    ['1403/01/01', 'gregorian', 'ymd'],
    ['01/02/24', 'gregorian', 'dmy'],
    ['soon', 'gregorian', 'dmy'],
  ] as const)('%j in the %s calendar, %s, does not exist', (text, calendar, order) => {
    expect(parseDate(text, { calendar, order })).toBeNull();
  });

  test('Temporal and Intl agree on every calendar', () => {
    fc.assert(
      fc.property(days, fc.constantFrom(...CALENDARS), (day, calendar) => {
        const parts = new Intl.DateTimeFormat(
          `en-u-nu-latn-ca-${{ gregorian: 'gregory', jalali: 'persian', hijri: 'islamic-umalqura' }[calendar]}`,
          { timeZone: 'UTC', year: 'numeric', month: 'numeric', day: 'numeric' },
        ).formatToParts(new Date(`${day}T12:00:00Z`));
        const [year, month, date] = ['year', 'month', 'day'].map((type) =>
          Number(parts.find((part) => part.type === type)?.value),
        );
        expect(isoDate(calendar, year ?? 0, month ?? 0, date ?? 0)).toBe(day);
      }),
    );
  });

  test('no text makes reading a date throw', () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom(...CALENDARS), fc.constantFrom(...DATE_ORDERS), (text, calendar, order) => {
        expect(() => parseDate(text, { calendar, order })).not.toThrow();
      }),
    );
  });

  test('a date is shown in the calendar asked for, whatever the locale prefers', () => {
    expect(formatDate('2024-04-04', 'fa', 'jalali')).toContain('۱۴۰۳');
    expect(formatDate('2024-04-04', 'ar-SA', 'hijri', 'long')).toContain('رمضان');
    expect(formatDate('2024-04-04', 'fa', 'gregorian', 'short')).toContain('۲۰۲۴');
  });
});
