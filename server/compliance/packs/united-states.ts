import type { RulePackData } from '../packs.ts';

const issued = { version: 1, author: 'shipped', effectiveFrom: '2026-01-01' };

/** Third-party collectors under Regulation F (12 CFR 1006). */
export const US_REGF: RulePackData = {
  ...issued,
  id: 'US-REGF',
  reason: 'first version',
  applies: 'third-party debt collectors (FDCPA); some states bind creditors too',
  countries: ['US'],
  hours: [
    {
      days: [1, 2, 3, 4, 5, 6, 7],
      from: '08:00',
      to: '21:00',
      channels: 'all',
      source: '12 CFR 1006.6(b)(1)(i); 15 USC 1692c(a)(1)',
      evidence: 'V1',
    },
  ],
  caps: [
    {
      id: '7in7',
      scope: 'person+debt',
      event: 'outbound_call_attempt',
      max: 7,
      days: 7,
      source: '12 CFR 1006.14(b)(2)(i)(A)',
      evidence: 'V1',
    },
    {
      id: 'rapid',
      scope: 'number',
      event: 'outbound_call_attempt',
      max: 1,
      minutes: 5,
      severity: 'warn',
      source: 'CFPB FAQ (copy)',
      evidence: 'V2',
    },
  ],
  cooloffs: [
    {
      id: 'conv7',
      after: 'phone_conversation',
      days: 7,
      dayOneIsEventDay: true,
      scope: 'person+debt',
      source: '12 CFR 1006.14(b)(2)(i)(B)',
      evidence: 'V1',
    },
  ],
  holds: [
    { flag: 'cease_communication_written', blocks: 'all', source: '15 USC 1692c(c)', evidence: 'V1' },
    { flag: 'attorney_represented', blocks: 'all', source: '12 CFR 1006.6(b)(2)', evidence: 'V1' },
    { flag: 'employer_prohibits', blocks: 'workplace', source: '12 CFR 1006.6(b)(3)', evidence: 'V1' },
    { flag: 'inconvenient_time_or_place', blocks: 'matching_slots', source: '12 CFR 1006.6(b)(1)', evidence: 'V1' },
    {
      flag: 'written_dispute_in_validation_period',
      blocks: 'all',
      until: 'verification or a copy of the judgment is sent',
      source: '12 CFR 1006.38(c), (d)',
      evidence: 'V1',
    },
    { flag: 'medium_opt_out', blocks: 'that_number', source: '12 CFR 1006.6(e), 1006.14(h)', evidence: 'V2' },
  ],
  disclosures: [
    {
      when: 'first communication',
      text: 'this is an attempt to collect a debt; information obtained is used for that purpose',
      source: '15 USC 1692e(11)',
      evidence: 'V2',
    },
    { when: 'later communications', text: 'from a debt collector', source: '15 USC 1692e(11)', evidence: 'V2' },
  ],
  retention: [
    { what: 'compliance records', years: 3, from: 'last collection activity', source: '12 CFR 1006.100(a)', evidence: 'V1' },
    { what: 'call recordings', years: 3, from: 'call date', source: '12 CFR 1006.100(b)', evidence: 'V1' },
  ],
};

/** Massachusetts: two calls that could leave a message in seven days. */
export const US_MA: RulePackData = {
  ...issued,
  id: 'US-MA',
  reason: 'first version',
  base: 'US-REGF',
  regions: ['US-MA'],
  caps: [
    {
      id: '2in7',
      scope: 'person+debt',
      event: 'outbound_call_attempt_able_to_leave_message',
      max: 2,
      days: 7,
      source: '940 CMR 7.04(1)(f) as quoted in Watkins v. Glenn (2016)',
      evidence: 'V2',
      note: 'reaching voicemail counts even if no message was left',
    },
  ],
};

/** Recorded voices to mobile numbers need consent. */
export const US_TCPA_1: RulePackData = {
  ...issued,
  id: 'US-TCPA',
  reason: 'first version',
  countries: ['US'],
  recordedSoundNeedsConsent: ['mobile', 'fixed_line_or_mobile', 'unknown'],
};

/** Whoever hears a recorded voice instead of an agent can end the calls with a key. */
export const US_TCPA: RulePackData = {
  ...US_TCPA_1,
  version: 2,
  reason: 'the message names a key that ends all calls',
  optOutByKey: {
    source: '47 CFR 64.1200(a)(7)(i)(B)',
    evidence: 'V2',
    note: 'written for telemarketing; here for every abandoned call',
  },
  recordedSoundNeedsConsent: {
    items: ['mobile', 'fixed_line_or_mobile', 'unknown'],
    source: '47 USC 227(b)(1)(A)(iii)',
    evidence: 'V2',
  },
};

/** Abandoned calls: the telemarketing rule, used as the dialer's default where a place has none of its own. */
export const US_TSR: RulePackData = {
  ...issued,
  id: 'US-TSR',
  reason: 'first version',
  applies: 'telemarketing; here the design default',
  countries: ['US'],
  abandonment: {
    maxShare: 0.03,
    period: 'campaign30d',
    connectWithinMs: 2_000,
    clockStart: 'greeting_end',
    minimumRingMs: 15_000,
    redialBlockHours: 0,
    source: '16 CFR 310.4(b)(4)',
    evidence: 'V2',
  },
};
