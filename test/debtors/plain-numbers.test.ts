import * as fc from 'fast-check';
import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/max';
import { expect, test } from 'vitest';
import { PLAIN_PLANS, readPlainNumber } from '../../server/debtors/plain-numbers.ts';

const BEGINNINGS = ['', '+', '00', '0', '1', '5', '8', '9'];
const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 4, maxLength: 13 }).map((all) => all.join(''));
const written = (code: string, trunk: string) =>
  fc
    .tuple(
      fc.constantFrom(...BEGINNINGS, code, `+${code}`, trunk, `${code}${trunk}`, `+${code}${trunk}`),
      digits,
      fc.integer({ min: 1, max: 9 }),
    )
    .map(([beginning, rest, space]) => beginning + rest.slice(0, space) + (space % 2 === 0 ? ' ' : '') + rest.slice(space));

test.each(Object.entries(PLAIN_PLANS))(
  'a number of %s that is read in the short way reads as the numbering plan says',
  (country, [code, trunk]) => {
    let short = 0;
    fc.assert(
      fc.property(written(code, trunk), (text) => {
        const plain = readPlainNumber(text, country);
        if (plain === null) return;
        short += 1;
        const full = parsePhoneNumberFromString(text, country as CountryCode);
        expect([text, full?.isValid(), full?.number, full?.country, full?.getType()?.toLowerCase()]).toEqual([
          text,
          true,
          plain.e164,
          country,
          plain.type,
        ]);
      }),
      { numRuns: 10_000 },
    );
    expect(short).toBeGreaterThan(100);
  },
);

test.each([
  ['SA', '+966 59 479 9780', '+966594799780'],
  ['SA', '966534254276', '+966534254276'],
  ['SA', '0598882586', '+966598882586'],
  ['EG', '01012345678', '+201012345678'],
  ['IR', '09121234567', '+989121234567'],
  ['US', '(212) 555-0101', '+12125550101'],
  ['US', '1-212-555-0101', '+12125550101'],
])('in %s %s is %s', (country, text, e164) => {
  expect(readPlainNumber(text, country)).toMatchObject({ e164 });
});

test.each([
  ['SA', '123'],
  ['SA', 'call 0598882586'],
  ['SA', '+20 10 1234 5678'],
  ['FR', '0612345678'],
])('in %s %s is left to the full reading', (country, text) => expect(readPlainNumber(text, country)).toBeNull());
