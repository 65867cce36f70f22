import { DEFAULT_CAMPAIGN_SETTINGS } from '../../server/contract/campaigns.ts';
import { enrolCampaign } from '../../server/queue/enrol.ts';
import { openWeb, type TestWeb } from '../support/web.ts';

/** The debtor's number, a Saudi mobile. */
export const NUMBER = '+966501230001';
/** Hours of a pack at which any moment of a test is lawful. */
export const ALWAYS = [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '24:00', channels: ['call'], evidence: 'V2' }];

/** A web with one debtor of two debts, ready in the queue of one campaign at any hour; users `root`, `over` and `desk`. The caller closes it. */
export interface OneDebtor {
  web: TestWeb;
  /** A supervisor's cookie. */
  supervisor: string;
  partyId: string;
  campaignId: string;
  debtIds: string[];
  /** Where the debtor stands in the campaign's queue. */
  row: () => Promise<{ state: string; reason: string | null }>;
  /** Writes a fact by hand, for a reason that the history keeps; as the supervisor unless somebody else's cookie is given. */
  tell: (path: string, body: object, cookie?: string) => ReturnType<TestWeb['ask']>;
  /** What the debtor's newest event of a kind says. */
  lastEvent: (kind: string) => Promise<unknown>;
}

/** Opens the web and lays the debtor. */
export async function openOneDebtor(): Promise<OneDebtor> {
  const web = await openWeb();
  const { database } = web;
  await web.addUser('root', 'admin');
  await web.addUser('over', 'supervisor');
  await web.addUser('desk', 'agent');
  const supervisor = await web.cookieOf('over');
  // Any hour of the test is lawful.
  const always = {
    id: 'SA',
    version: 1,
    reason: 'for a test',
    effectiveFrom: '2026-01-01',
    rules: {
      countries: ['SA'],
      hours: ALWAYS,
      recordedSoundNeedsConsent: ['mobile'],
      holds: [
        { flag: 'employer_prohibits', blocks: 'workplace', evidence: 'V0' },
        { flag: 'house_rule', blocks: 'all', note: 'The club asks so', evidence: 'V2' },
      ],
      disclosures: [{ when: 'call start', text: 'the call is recorded', evidence: 'V0' }],
      forbiddenWords: ['SAMA'],
    },
  };
  const saved = await web.ask(await web.cookieOf('root'), 'POST', '/api/v1/rule-packs', always);
  if (saved.status !== 201) throw new Error(`The pack was refused: ${JSON.stringify(saved.body)}`);
  await web.addTrunk('main', 'real', true);
  const party = await database
    .insertInto('party')
    .values({
      display_name: 'Salma Nabil',
      folded_name: 'salma nabil',
      country: 'SA',
      time_zones: ['Asia/Riyadh'],
      identity_kind: 'sa_national_id',
      identity_value: '1000000008',
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const partyId = party.id;
  const phone = await database
    .insertInto('phone')
    .values({ e164: NUMBER, country: 'SA', number_type: 'mobile', time_zones: ['Asia/Riyadh'] })
    .returning('id')
    .executeTakeFirstOrThrow();
  await database.insertInto('party_phone').values({ party_id: partyId, phone_id: phone.id, rank: 0 }).execute();
  const creditor = await database.insertInto('creditor').values({ name: 'Bank' }).returning('id').executeTakeFirstOrThrow();
  const debts = await database
    .insertInto('debt')
    .values(['A-1', 'A-2'].map((account) => ({ creditor_id: creditor.id, account, currency: 'SAR', balance_minor: 10_000n })))
    .returning('id')
    .execute();
  const debtIds = debts.map((debt) => debt.id);
  await database
    .insertInto('debt_party')
    .values(debtIds.map((debt_id) => ({ debt_id, party_id: partyId })))
    .execute();
  const campaign = await database
    .insertInto('campaign')
    .values({
      name: 'July',
      state: 'running',
      settings: JSON.stringify({
        ...DEFAULT_CAMPAIGN_SETTINGS,
        hours: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '24:00' }],
        countries: ['SA'],
      }),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const campaignId = campaign.id;
  await database
    .insertInto('campaign_debt')
    .values(debtIds.map((debt_id) => ({ campaign_id: campaignId, debt_id })))
    .execute();
  await enrolCampaign(database, campaignId);

  return {
    web,
    supervisor,
    partyId,
    campaignId,
    debtIds,
    row: () =>
      web.database
        .selectFrom('dial_queue')
        .select(['state', 'reason'])
        .where('campaign_id', '=', campaignId)
        .where('party_id', '=', partyId)
        .executeTakeFirstOrThrow(),
    tell: (path, body, cookie = supervisor) =>
      web.ask(cookie, 'POST', `/api/v1/debtors/${partyId}/${path}`, { reason: 'They said so', ...body }),
    async lastEvent(kind) {
      const { body } = await web.database
        .selectFrom('event')
        .select('body')
        .where('subject_id', '=', partyId)
        .where('kind', '=', kind)
        .orderBy('id', 'desc')
        .executeTakeFirstOrThrow();
      return body;
    },
  };
}
