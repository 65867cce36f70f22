import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readIban } from '../../server/debtors/iban.ts';
import { readIdentity } from '../../server/debtors/import/identity.ts';

const RUNS = { numRuns: 10_000 };
const digit = fc.integer({ min: 0, max: 9 });

function digits(length: number) {
  return fc.array(digit, { minLength: length, maxLength: length }).map((all) => all.join(''));
}

/** The same text with one character changed, or two neighbours exchanged. */
function misread(text: string, at: number, by: number): string {
  return text.slice(0, at) + String((Number(text[at]) + by) % 10) + text.slice(at + 1);
}
function exchanged(text: string, at: number): string {
  return text.slice(0, at) + (text[at + 1] ?? '') + (text[at] ?? '') + text.slice(at + 2);
}

/** The one check digit that makes a number valid, found by trying all ten. */
function complete(beginning: string, valid: (text: string) => boolean): string[] {
  return Array.from({ length: 10 }, (_, last) => `${beginning}${last}`).filter(valid);
}

describe('a Saudi national id (Luhn)', () => {
  const valid = (text: string): boolean => readIdentity('sa_national_id', text) === text;

  test('has exactly one check digit, and no single wrong digit passes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('1', '2'),
        digits(8),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        (kind, rest, at, by) => {
          const [id = '', ...more] = complete(kind + rest, valid);
          expect([id.length, more]).toEqual([10, []]);
          expect(valid(misread(id, at, by))).toBe(false);
        },
      ),
      RUNS,
    );
  });

  test('with two neighbours exchanged passes only where Luhn cannot see it: equal, or 0 and 9', () => {
    fc.assert(
      fc.property(fc.constantFrom('1', '2'), digits(8), fc.integer({ min: 1, max: 8 }), (kind, rest, at) => {
        const [id = ''] = complete(kind + rest, valid);
        const pair = [Number(id[at]), Number(id[at + 1])].toSorted((a, b) => a - b).join('');
        expect(valid(exchanged(id, at))).toBe(id[at] === id[at + 1] || pair === '09');
      }),
      RUNS,
    );
  });
});

describe('an Iranian national code (mod 11)', () => {
  const valid = (text: string): boolean => readIdentity('ir_national_code', text) === text;

  test('has exactly one check digit, and no single wrong digit in front of it passes but where the sum leaves 10 as 1 does', () => {
    fc.assert(
      fc.property(digits(9), fc.integer({ min: 0, max: 8 }), fc.integer({ min: 1, max: 9 }), (rest, at, by) => {
        fc.pre(!/^([0-9])\1{8}$/.test(rest));
        const [code = '', ...more] = complete(rest, valid);
        expect([code.length, more]).toEqual([10, []]);
        const wrong = misread(code, at, by);
        fc.pre(!/^([0-9])\1{9}$/.test(wrong));
        expect(valid(wrong) ? code[9] : '1').toBe('1');
      }),
      RUNS,
    );
  });

  test('written without its leading zeros is the same code', () => {
    fc.assert(
      fc.property(digits(7), (rest) => {
        fc.pre(!rest.startsWith('0'));
        const [code = ''] = complete(`00${rest}`, valid);
        expect(readIdentity('ir_national_code', code.slice(2))).toBe(code);
      }),
      RUNS,
    );
  });
});

describe('an IBAN (mod 97)', () => {
  /** By the book: move, spell letters as numbers, 98 minus the remainder; with one long integer instead of steps. */
  function checked(country: string, account: string): string {
    const spelled = `${account}${country}00`.replaceAll(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
    return `${country}${String(98n - (BigInt(spelled) % 97n)).padStart(2, '0')}${account}`;
  }
  const account = fc
    .tuple(fc.constantFrom('SA', 'IR', 'AE'), digits(22))
    .map(([country, all]) => ({ country, account: all.slice(0, { SA: 20, IR: 22, AE: 19 }[country] ?? 20) }));

  test('with the check digits of the standard is read, in any spelling', () => {
    fc.assert(
      fc.property(account, ({ country, account: own }) => {
        const iban = checked(country, own);
        expect(readIban(iban)).toBe(iban);
        expect(readIban(iban.toLowerCase().replaceAll(/(.{4})/g, '$1 '))).toBe(iban);
      }),
      RUNS,
    );
  });

  test('with one wrong digit or two exchanged ones is not', () => {
    fc.assert(
      fc.property(
        account,
        fc.integer({ min: 2, max: 20 }),
        fc.integer({ min: 1, max: 9 }),
        ({ country, account: own }, at, by) => {
          const iban = checked(country, own);
          expect(readIban(misread(iban, at, by))).toBe(null);
          expect(readIban(exchanged(iban, at))).toBe(iban[at] === iban[at + 1] ? iban : null);
        },
      ),
      RUNS,
    );
  });

  test.each(['', 'SA', 'SA0380000000608010167518', 'SA038000000060801016751', 'XX00!'])('%j is none', (text) =>
    expect(readIban(text)).toBeNull(),
  );
  test.each(['GB82 WEST 1234 5698 7654 32', 'SA03 8000 0000 6080 1016 7519', 'QA58DOHB00001234567890ABCDEFG'])(
    '%s is one',
    (text) => expect(readIban(text)).not.toBeNull(),
  );
});
