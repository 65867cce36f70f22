import type { HoursRule, RulePackData } from '../packs.ts';

const issued = { version: 1, author: 'shipped', effectiveFrom: '2026-01-01' };
const SUNDAY_TO_THURSDAY = [7, 1, 2, 3, 4];

/** Saudi Arabia: customers and guarantors of banks and finance companies. */
export const SA: RulePackData = {
  ...issued,
  id: 'SA',
  reason: 'first version',
  applies: 'individual customers and guarantors of banks and finance companies (SAMA 106889333 of 2025-03-06)',
  countries: ['SA'],
  hours: [
    {
      days: SUNDAY_TO_THURSDAY,
      from: '09:30',
      to: '16:30',
      channels: ['call'],
      source: "'official working hours of the banks' (SAMA circular 311000008211)",
      evidence: 'V0',
      note: 'the rule is V1, the clock times are a policy default',
    },
  ],
  ramadanHours: { from: '10:00', to: '16:00', source: 'SAMA announcements 2019–2023', evidence: 'V2' },
  caps: [
    {
      id: '10in30',
      scope: 'person+product',
      event: 'outbound_call_attempt',
      max: 10,
      days: 30,
      source: '2018 text (superseded); draft of October 2024',
      evidence: 'V1S',
      note: 'the stricter reading, until Art. 4 of 2025 has been read',
    },
  ],
  channels: {
    allow: ['email', 'registered_mail', 'sms', 'call', 'creditor_app_or_site', 'judicial_notice'],
    deny: ['whatsapp', 'social'],
    source: 'Art. 5(1)',
    evidence: 'V1',
  },
  holds: [{ flag: 'objection_open', blocks: 'all', until: 'the complaint is resolved', source: 'Art. 6', evidence: 'V1' }],
  disclosures: [
    {
      when: 'every contact',
      text: "creditor and department, or third party and the creditor it acts for; contact number; working hours; employee's name on calls",
      source: 'Art. 5(2)',
      evidence: 'V1',
    },
    { when: 'call start', text: 'the call is recorded', source: '2018 text 1.3', evidence: 'V1S' },
  ],
  forbiddenWords: {
    items: ['SAMA', 'SIMAH', 'credit information company', 'supervisory authority'],
    source: 'circular 5497/MAT/2346',
    evidence: 'V1',
  },
  retention: [
    { what: 'all communications and recordings', years: 10, from: 'contact date', source: '2018 text 1.3', evidence: 'V1S' },
  ],
};

/** United Arab Emirates. */
export const AE: RulePackData = {
  ...issued,
  id: 'AE',
  reason: 'first version',
  applies: 'licensed financial institutions (CBUAE C 8/2020, N 1158/2021)',
  countries: ['AE'],
  hours: [
    {
      days: [1, 2, 3, 4, 5],
      from: '09:00',
      to: '17:00',
      channels: ['call', 'sms'],
      evidence: 'V0',
      note: 'sources conflict; what they have in common',
    },
  ],
};

const workingHours: readonly HoursRule[] = [
  { days: SUNDAY_TO_THURSDAY, from: '09:00', to: '18:00', channels: ['call', 'sms'], source: '', evidence: 'V0' },
];

function policyDefault(id: string): RulePackData {
  return {
    ...issued,
    id,
    reason: 'policy default: no rule of the place has been read',
    countries: [id],
    hours: [...workingHours],
    ramadanHours: { from: '10:00', to: '15:00', evidence: 'V0' },
  };
}

/** Kuwait, Qatar, Bahrain and Oman: policy defaults to be edited by whoever knows their law. */
export const GULF_DEFAULTS: readonly RulePackData[] = ['KW', 'QA', 'BH', 'OM'].map(policyDefault);
