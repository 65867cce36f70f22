import { expect, test } from 'vitest';
import { rulesFor } from '../../server/compliance/catalogue.ts';
import { explainVerdict } from '../../server/compliance/explain.ts';
import { judge } from '../../server/compliance/gate.ts';
import { SHIPPED_CATALOGUE } from '../../server/compliance/shipped.ts';
import { unverifiedReasons } from '../../server/compliance/unverified.ts';
import { attemptAt, factsOf, local, shipped } from './facts.ts';

const RIYADH = 'Asia/Riyadh';

test('an allowance says until when, and by which packs', () => {
  const verdict = judge(factsOf(), local('2026-04-19T11:00', RIYADH));
  expect(explainVerdict(verdict, RIYADH)).toBe('allowed until 2026-04-19 16:30 Asia/Riyadh by SA v1');
});

test('a refusal says in one line what binds, what else forbids, and when it ends', () => {
  const zone = 'America/New_York';
  const facts = factsOf({
    rules: rulesFor(shipped, ['US']),
    person: { countries: ['US'], zones: [zone], demo: false },
    enabledCountries: ['US', 'SA'],
    contacts: [attemptAt(local('2026-03-02T10:00', zone), { conversation: true })],
  });
  expect(explainVerdict(judge(facts, local('2026-03-08T23:00', zone)), zone)).toBe(
    'refused: hours (US-REGF v1, 12 CFR 1006.6(b)(1)(i); 15 USC 1692c(a)(1)); ' +
      'also conv7 (US-REGF v1, 12 CFR 1006.14(b)(2)(i)(B)); lawful from 2026-03-09 08:00 America/New_York if nothing changes',
  );
});

test('a rule that nobody verified is called so, and what no waiting mends too', () => {
  const late = judge(factsOf(), local('2026-04-19T18:00', RIYADH));
  expect(explainVerdict(late, RIYADH)).toContain('policy default, unverified');
  const dead = factsOf({ holds: [{ flag: 'deceased', debtId: null, phoneId: null, fromMs: 0, untilMs: null }] });
  expect(explainVerdict(judge(dead, local('2026-04-19T11:00', RIYADH)), RIYADH)).toMatch(/deceased .*; waiting does not help$/);
});

test('a reason is marked where nobody has verified the rules behind it, or only some of them', () => {
  const [saudi, american] = [rulesFor(SHIPPED_CATALOGUE, ['SA']), rulesFor(SHIPPED_CATALOGUE, ['US'])];
  expect(unverifiedReasons([saudi])).toEqual({ hours: 'all', no_common_window: 'some' });
  expect(unverifiedReasons([saudi, american])).toEqual({ hours: 'some', no_common_window: 'some' });
  expect(unverifiedReasons([american])).toEqual({});
});
