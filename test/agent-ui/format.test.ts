import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFormat } from '../../agent-ui/src/i18n/format.ts';
import { firstLanguage } from '../../agent-ui/src/i18n/languages.ts';
import { normaliseDigits } from '../../server/contract/digits.ts';
import { LANGUAGES } from '../../server/contract/people.ts';
import { readClock } from '../../agent-ui/src/ui/read-clock.ts';
import { readNumber } from '../../agent-ui/src/ui/read-number.ts';

const [en, ar, fa] = [createFormat('en'), createFormat('ar'), createFormat('fa')];

describe('numbers', () => {
  it('are written in the digits of the language', () => {
    expect([en.number(1234), ar.number(1234), fa.number(1234)]).toEqual(['1,234', '١٬٢٣٤', '۱٬۲۳۴']);
  });

  it('keep amounts beyond 2^53 exact', () => {
    expect(en.money('922337203685477580', 'SAR')).toBe('9,223,372,036,854,775.80 SAR');
  });

  it('name the unit that people speak in: rial debts are shown in toman', () => {
    expect(en.money('12500000', 'IRR')).toBe('1,250,000 toman');
    expect(fa.money('12500000', 'IRR')).toBe('۱٬۲۵۰٬۰۰۰ تومان');
    expect(ar.money('125050', 'KWD')).toBe('١٢٥٫٠٥٠ دينار كويتي');
  });
});

describe('dates', () => {
  it('are written in the calendar of the language, named and not left to the locale', () => {
    expect(en.day('2026-03-21')).toBe('21 March 2026');
    expect(fa.day('2026-03-21')).toBe('۱ فروردین ۱۴۰۵');
    expect(ar.day('2026-03-21')).toBe('٢ شوال ١٤٤٧ هـ');
  });

  it('can be said in the Gregorian calendar in every language', () => {
    expect(fa.gregorianDay('2026-03-21')).toContain('۲۰۲۶');
    expect(ar.gregorianDay('2026-03-21')).toContain('٢٠٢٦');
  });

  it('are told on the clock of the place that is named', () => {
    expect(en.time('2026-01-01T12:00:00Z', 'Asia/Riyadh')).toBe('15:00');
    expect(fa.time('2026-01-01T12:00:00Z', 'Asia/Tehran')).toBe('۱۵:۳۰');
  });

  it('that are none are shown as they came, and break nothing', () => {
    expect(en.dateTime('soon')).toBe('soon');
  });
});

describe('timers', () => {
  it('count minutes and seconds, and hours when there are any', () => {
    expect([en.timer(0), en.timer(65_999), en.timer(3_600_000)]).toEqual(['0:00', '1:05', '1:00:00']);
    expect(ar.timer(65_000)).toBe('١:٠٥');
  });

  it('never run below zero', () => {
    expect(fa.timer(-5_000)).toBe('۰:۰۰');
  });
});

describe('a number that is typed', () => {
  it.each(LANGUAGES)('is read back from the digits of %s', (language) => {
    const format = createFormat(language);
    fc.assert(
      fc.property(fc.nat(1_000_000), (value) => {
        expect(readNumber(format.digits(String(value)), 0)).toBe(value);
      }),
    );
  });

  it('has its decimals behind a point, a comma or the Arabic sign', () => {
    expect(['2.5', '2,5', '٢٫٥', '۲٫۵'].map((text) => readNumber(text, 1))).toEqual([2.5, 2.5, 2.5, 2.5]);
  });

  it('is none when it has more than its decimals, a sign, or anything else', () => {
    expect(['2.55', '-1', '1e3', 'two', '', '1.'].map((text) => readNumber(text, 1))).toEqual([null, null, null, null, null, 1]);
    expect(readNumber('2.5', 0)).toBeNull();
  });
});

describe('the first language', () => {
  it('is the one last chosen here, else the first of the browser’s that is spoken, else English', () => {
    expect(firstLanguage('fa', ['ar-SA'])).toBe('fa');
    expect(firstLanguage(null, ['de-DE', 'ar-EG', 'en'])).toBe('ar');
    expect(firstLanguage(null, ['de'])).toBe('en');
  });
});

describe('digits', () => {
  it('of a timer mean the same in every language', () => {
    fc.assert(
      fc.property(fc.nat(10_000_000), (ms) => {
        expect(normaliseDigits(ar.timer(ms))).toBe(en.timer(ms));
        expect(normaliseDigits(fa.timer(ms))).toBe(en.timer(ms));
      }),
    );
  });
});

describe('a time of day that is typed', () => {
  it('is read in any digits, short or whole, to the end of the day', () => {
    expect(['9', '930', '09:30', '۱۷:۰۵', '٢٤:٠٠'].map(readClock)).toEqual(['09:00', '09:30', '09:30', '17:05', '24:00']);
  });

  it('is none beyond the day', () => {
    expect(['24:01', '25:00', '12:60', '', 'noon', '1234567'].map(readClock)).toEqual([null, null, null, null, null, null]);
  });
});
