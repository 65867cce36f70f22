import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { classifyEnd, END_CLASSES, type EndClass } from '../../server/telephony/causes.ts';

const unanswered = { answered: false, hungUpByUs: false };

describe('the end of a leg nobody answered', () => {
  const table: [what: string, cause: number, techCause: string | null, end: EndClass][] = [
    ['486 busy', 17, '486', 'busy'],
    ['600 busy everywhere', 17, '600', 'busy'],
    ['404 not found', 1, '404', 'dead_number'],
    ['410 gone', 22, '410', 'dead_number'],
    ['484 incomplete', 28, '484', 'dead_number'],
    ['503 no line', 34, '503', 'congestion'],
    ['603 declined', 21, '603', 'declined'],
    ['403 forbidden, though its cause is that of a decline', 21, '403', 'trunk_fault'],
    ['401 unauthorised', 21, '401', 'trunk_fault'],
    ['480 not available', 19, '480', 'no_answer'],
    ['408 no reply', 18, '408', 'no_answer'],
    ['ring time-out', 19, null, 'no_answer'],
    ['302 moved, which is not followed', 23, '302', 'failed'],
    ['488 not acceptable', 58, '488', 'failed'],
    ['a status nobody has heard of', 0, '499', 'failed'],
    ['nothing said at all', 0, null, 'unknown'],
  ];
  test.for(table)('%s', ([, cause, techCause, end]) => {
    expect(classifyEnd({ ...unanswered, cause, techCause })).toBe(end);
  });

  test('is ours when we hung up', () => {
    expect(classifyEnd({ cause: 16, techCause: null, answered: false, hungUpByUs: true })).toBe('cancelled');
    expect(classifyEnd({ cause: 16, techCause: '487', answered: false, hungUpByUs: true })).toBe('cancelled');
  });

  test('is the far end’s when it came before our hang-up took effect', () => {
    expect(classifyEnd({ cause: 17, techCause: '486', answered: false, hungUpByUs: true })).toBe('busy');
  });
});

test('an answered call ends normally, whatever the cause', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 127 }),
      fc.option(fc.integer({ min: 100, max: 699 }).map(String)),
      fc.boolean(),
      (cause, techCause, hungUpByUs) => {
        expect(classifyEnd({ cause, techCause, answered: true, hungUpByUs })).toBe('normal');
      },
    ),
  );
});

test('every end has a class, and a class that is never “normal” without an answer', () => {
  fc.assert(
    fc.property(fc.integer(), fc.option(fc.string()), fc.boolean(), (cause, techCause, hungUpByUs) => {
      const end = classifyEnd({ cause, techCause, answered: false, hungUpByUs });
      expect(END_CLASSES).toContain(end);
      expect(end).not.toBe('normal');
    }),
  );
});
