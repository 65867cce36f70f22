import type { RulePackData } from '../packs.ts';

const issued = { version: 1, author: 'shipped', effectiveFrom: '2026-01-01' };

/** Egypt: non-bank finance and banks. */
export const EG: RulePackData = {
  ...issued,
  id: 'EG',
  reason: 'first version',
  applies: 'non-bank finance (FRA 278/2025); CBE circular of 2019-02-19 for banks',
  countries: ['EG'],
  hours: [{ days: [7, 1, 2, 3, 4], from: '09:00', to: '17:00', channels: ['call', 'sms'], evidence: 'V0' }],
};

/** Iran: no statute on collection contacts is known; all of it is policy. */
export const IR: RulePackData = {
  ...issued,
  id: 'IR',
  reason: 'first version',
  applies: 'no statute found; policy defaults',
  countries: ['IR'],
  hours: [
    { days: [6, 7, 1, 2, 3], from: '09:00', to: '19:00', channels: ['call', 'sms'], evidence: 'V0' },
    {
      days: [4],
      from: '09:00',
      to: '13:00',
      channels: ['call', 'sms'],
      evidence: 'V0',
      note: 'Thursday is a half day; a full weekend was voted in 2025, enactment not verified',
    },
  ],
};
