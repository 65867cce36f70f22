import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { dialString, NotDialableError } from '../../server/telephony/numbers.ts';
import { NUMBER_FORMS, numberFormat } from '../../server/telephony/trunk.ts';

const e164 = fc.stringMatching(/^\+[1-9][0-9]{5,14}$/);

describe('a number on a trunk', () => {
  test.for([
    ['plus', '+966501234567', '+966501234567'],
    ['digits', '+966501234567', '966501234567'],
    ['zeros', '+966501234567', '00966501234567'],
    ['national', '+966501234567', '0501234567'],
    ['national', '+201001234567', '00201001234567'],
  ] as const)('in the form %s: %s is written %s', ([form, number, written]) => {
    expect(dialString(number, numberFormat.parse({ form, countryCode: '966' }))).toBe(written);
  });

  test('has what leaves the exchange before it', () => {
    expect(dialString('+966501234567', numberFormat.parse({ form: 'zeros', prefix: '9' }))).toBe('900966501234567');
  });

  test('keeps every digit of the subscriber, and adds nothing a trunk could mistake', () => {
    fc.assert(
      fc.property(
        e164,
        fc.constantFrom(...NUMBER_FORMS),
        fc.constantFrom('1', '20', '98', '966'),
        (number, form, countryCode) => {
          const written = dialString(number, numberFormat.parse({ form, countryCode }));
          expect(written).toMatch(/^\+?\d+$/);
          const home = form === 'national' && number.startsWith(`+${countryCode}`);
          expect(written.endsWith(home ? number.slice(1 + countryCode.length) : number.slice(1))).toBe(true);
        },
      ),
    );
  });

  test('two numbers are never written alike at home or abroad', () => {
    fc.assert(
      fc.property(e164, e164, fc.constantFrom('plus', 'digits', 'zeros'), (one, other, form) => {
        const format = numberFormat.parse({ form });
        expect(dialString(one, format) === dialString(other, format)).toBe(one === other);
      }),
    );
  });

  test('is refused when it is not E.164', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !/^\+[1-9]\d{5,14}$/.test(text)),
        (text) => {
          expect(() => dialString(text, numberFormat.parse({}))).toThrow(NotDialableError);
        },
      ),
    );
  });
});
