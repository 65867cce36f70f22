import type { RulePackData } from '../packs.ts';

const issued = { version: 1, author: 'shipped', effectiveFrom: '2026-01-01' };

/** United Kingdom: FCA CONC 7 and the Debt Respite Scheme. */
export const UK: RulePackData = {
  ...issued,
  id: 'UK',
  reason: 'first version',
  countries: ['GB'],
  hours: [
    {
      days: [1, 2, 3, 4, 5, 6, 7],
      from: '08:00',
      to: '21:00',
      channels: 'all',
      source: 'CONC 7.9.4R',
      evidence: 'V0',
      note: "the rule says 'not at unreasonable times'; these hours are a policy default",
    },
  ],
  holds: [
    { flag: 'disputed_on_possibly_valid_grounds', blocks: 'all', source: 'CONC 7.14.1R', evidence: 'V1' },
    { flag: 'breathing_space', blocks: 'all', until: '60 days', source: 'Debt Respite Scheme Regulations 2020', evidence: 'V1' },
    {
      flag: 'mental_health_breathing_space',
      blocks: 'all',
      until: 'end of treatment and 30 days',
      source: 'Debt Respite Scheme Regulations 2020',
      evidence: 'V1',
    },
    { flag: 'seeking_debt_advice', blocks: 'all', until: '30 days', source: 'CONC 7.3.11–12', evidence: 'V0' },
  ],
  abandonment: {
    maxShare: 0.03,
    period: 'rolling24h',
    connectWithinMs: 2_000,
    clockStart: 'greeting_start',
    minimumRingMs: 15_000,
    redialBlockHours: 72,
    source: 'older Ofcom regime; since 2017 no share is safe',
    evidence: 'V2',
  },
};

/** Members of the European Union: one careful default, until each has its own pack. */
export const EU: RulePackData = {
  ...issued,
  id: 'EU',
  reason: 'policy default',
  countries: 'AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE'.split(' '),
  hours: [{ days: [1, 2, 3, 4, 5, 6], from: '08:00', to: '20:00', channels: 'all', evidence: 'V0' }],
};

/** Ontario: kept because its cap begins only with the first conversation. */
export const CA_ON: RulePackData = {
  ...issued,
  id: 'CA-ON',
  reason: 'first version',
  regions: ['CA-ON'],
  hours: [
    { days: [1, 2, 3, 4, 5, 6], from: '07:00', to: '21:00', channels: 'all', evidence: 'V2' },
    { days: [7], from: '13:00', to: '17:00', channels: 'all', evidence: 'V2' },
  ],
  caps: [{ scope: 'person', event: 'contact', max: 3, days: 7, startsAfter: 'first_conversation', evidence: 'V2' }],
};
