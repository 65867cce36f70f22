import type { DebtorFile, Desk, DeskCall } from '../../server/contract/desk.ts';

const ID = '0199f000-0000-7000-8000-00000000000';

/** A debtor with one debt of 1 250.00 SAR and one number. */
export function aFile(part: Partial<DebtorFile> = {}): DebtorFile {
  return {
    partyId: `${ID}1`,
    displayName: 'سارة القحطاني',
    kind: 'person',
    country: 'SA',
    address: null,
    language: 'ar',
    timeZones: ['Asia/Riyadh'],
    phones: [{ id: `${ID}2`, number: '+966501234567', type: 'mobile', state: 'active', place: 'other' }],
    debts: [
      {
        id: `${ID}3`,
        creditor: 'Bank',
        account: 'A-1',
        product: null,
        currency: 'SAR',
        balanceMinor: '125000',
        dueOn: '2026-01-01',
        state: 'open',
        role: 'debtor',
        others: [],
      },
    ],
    promises: [],
    holds: [],
    consents: [],
    preferences: [],
    attempts: [],
    score: 500,
    ...part,
  };
}

/** A call that is up, with its file. */
export function aCall(part: Partial<DeskCall> = {}): DeskCall {
  return {
    attemptId: `${ID}4`,
    campaignId: `${ID}5`,
    campaignName: 'June',
    number: '+966501234567',
    phoneId: `${ID}2`,
    inbound: null,
    phase: 'talking',
    muted: false,
    connectedAt: '2026-06-01T09:00:00Z',
    endedAt: null,
    recycling: { maxTries: 10, retryMinutes: 240 },
    file: aFile(),
    guidance: null,
    ...part,
  };
}

/** An agent who is paused, with nothing on the desk. */
export function aDesk(part: Partial<Desk> = {}): Desk {
  return {
    seq: 1,
    agentId: `${ID}6`,
    state: 'paused',
    reason: 'logged_in',
    since: '2026-06-01T09:00:00Z',
    serverTime: '2026-06-01T09:00:00Z',
    standsBy: false,
    campaignId: `${ID}5`,
    campaigns: [{ id: `${ID}5`, name: 'June', state: 'running' }],
    pauseAfterCall: null,
    logOutAfterCall: false,
    able: false,
    legUp: true,
    call: null,
    wrapUpEndsAt: null,
    lastEffect: null,
    ...part,
  };
}
