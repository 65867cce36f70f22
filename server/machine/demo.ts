import { randomUUIDv7 } from 'node:crypto';
import { sql } from 'kysely';
import { hashPassword, verifyPassword } from '../access/passwords.ts';
import { DEFAULT_CAMPAIGN_SETTINGS, type CampaignSettings } from '../contract/campaigns.ts';
import { ROLES, type Role } from '../contract/people.ts';
import type { Database, Tx } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import { record } from '../kernel/history.ts';
import { enrolCampaign } from '../queue/enrol.ts';
import { inventDebtors, type InventedDebtor } from './demo-debtors.ts';
import type { Account } from './ready.ts';
import { TRUNK_NAME } from './services.ts';

const CAMPAIGN = 'Demo';
const DEBTORS_PER_LANGUAGE = 1_000;
/** Share of the debtors that must be callable at a start. */
const LEAST_DUE = 0.3;
const LOCK = 'demo seed';
/** Of no country: whom the demo's debtors see calling, and call back. */
const OWN_NUMBER = '+99970000001';

/** Open at every hour and generous, since nobody is called: the carrier is this machine. One line an agent, so nobody is abandoned. */
const SETTINGS: CampaignSettings = {
  ...DEFAULT_CAMPAIGN_SETTINGS,
  callerId: OWN_NUMBER,
  trunk: TRUNK_NAME,
  countries: ['SA', 'IR', 'US'],
  hours: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '24:00' }],
  caps: { personPerDay: 50, personPerWeek: 200, debtPerWeek: 200, minutesBetween: 5 },
  ringTimeoutMs: 20_000,
  pacing: { ...DEFAULT_CAMPAIGN_SETTINGS.pacing, mode: 'progressive', ratio: 1.2, maxLinesPerAgent: 2 },
  wrapUpLimitMs: 60_000,
  recycling: { maxTries: 50, retryMinutes: 10 },
};

/**
 * Lays the demo floor: creditors, 3 000 invented debtors in three languages, a running campaign and one account a role. What is
 * there stays as it is; only the accounts get the password given, since it is printed. Throws `demo_and_real` where the trunk is real.
 */
export async function seedDemo(given: { database: Database; password: string }): Promise<Account[]> {
  const { database, password } = given;
  const trunk = await database.selectFrom('trunk').select('kind').where('name', '=', TRUNK_NAME).executeTakeFirst();
  if (trunk?.kind !== 'demo') {
    throw new Refusal('demo_and_real', 'The demo cannot run on a real trunk: start with --no-demo, or set TRUNK_KIND=demo', {
      field: 'TRUNK_KIND',
    });
  }
  const accounts = ROLES.toReversed().map((role) => ({ role, user: `demo-${role}`, password }));
  const hashes = await Promise.all(accounts.map((account) => hashFor(database, account)));
  await database.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${LOCK}, 0))`.execute(transaction);
    await layAccounts(
      transaction,
      accounts.map(({ role, user }, index) => ({ role, login: user, hash: hashes[index] ?? '' })),
    );
    await layCampaign(transaction);
  });
  return accounts;
}

/** The hash that the account has, where it is of this password; hashing anew would only cost time at each start. */
async function hashFor(database: Database, { user, password }: Account): Promise<string> {
  const known = await database.selectFrom('app_user').select('password_hash').where('login', '=', user).executeTakeFirst();
  return known && (await verifyPassword(password, known.password_hash)) ? known.password_hash : hashPassword(password);
}

async function layAccounts(transaction: Tx, accounts: readonly { role: Role; login: string; hash: string }[]): Promise<void> {
  await transaction
    .insertInto('app_user')
    .values(
      accounts.map(({ role, login, hash }) => ({ login, display_name: `Demo ${role}`, role, password_hash: hash, demo: true })),
    )
    .onConflict((conflict) =>
      conflict.column('login').doUpdateSet((eb) => ({
        password_hash: eb.ref('excluded.password_hash'),
        role: eb.ref('excluded.role'),
        demo: true,
        disabled_at: null,
      })),
    )
    .execute();
}

async function layCampaign(transaction: Tx): Promise<void> {
  const known = await transaction.selectFrom('campaign').select('id').where('name', '=', CAMPAIGN).executeTakeFirst();
  if (known) {
    await answerCallers(transaction, known.id);
    return freshen(transaction, known.id);
  }
  const { id } = await transaction
    .insertInto('campaign')
    .values({ name: CAMPAIGN, state: 'running', settings: JSON.stringify(SETTINGS), demo: true })
    .returning('id')
    .executeTakeFirstOrThrow();
  await sql`insert into campaign_agent (campaign_id, user_id) select ${id}, id from app_user where login = 'demo-agent'`.execute(
    transaction,
  );
  await layDebtors(transaction, id, inventDebtors(DEBTORS_PER_LANGUAGE));
  await record(transaction, [
    { kind: 'campaign.created', subject: 'campaign', subjectId: id, actor: 'demo', body: { settings: SETTINGS } },
    { kind: 'campaign.running', subject: 'campaign', subjectId: id, actor: 'demo', body: { from: 'draft' } },
  ]);
  await enrolCampaign(transaction, id);
}

/** A demo that was laid without a number gets it. */
async function answerCallers(transaction: Tx, campaignId: string): Promise<void> {
  await sql`update campaign set settings = jsonb_set(settings, '{callerId}', to_jsonb(${OWN_NUMBER}::text)), version = version + 1
    where id = ${campaignId} and settings ->> 'callerId' is null`.execute(transaction);
}

/** Once most of the demo's debtors have been called, it begins anew: all may be called again, on every number, without holds. */
async function freshen(transaction: Tx, campaignId: string): Promise<void> {
  const { rows } = await sql<{ due: number; total: number }>`
    select count(*) filter (where state = 'ready' or (state = 'waiting' and not_before < clock_timestamp()))::int as due, count(*)::int as total
    from dial_queue where campaign_id = ${campaignId}`.execute(transaction);
  const { due = 0, total = 0 } = rows[0] ?? {};
  if (due >= total * LEAST_DUE) return;
  await sql`update hold set released_at = clock_timestamp()
    where released_at is null and party_id in (select party_id from dial_queue where campaign_id = ${campaignId})`.execute(
    transaction,
  );
  await sql`update party_phone set state = 'active'
    where state <> 'active' and party_id in (select party_id from dial_queue where campaign_id = ${campaignId})`.execute(
    transaction,
  );
  await sql`update callback set state = 'cancelled' where state = 'open' and campaign_id = ${campaignId}`.execute(transaction);
  await sql`update dial_queue set state = 'ready', band = priority, not_before = '-infinity', reason = null, tries = 0, phone_id = null, phone_last = false, endings = '{}',
      callback_id = null,
      updated_at = clock_timestamp()
    where campaign_id = ${campaignId} and state in ('waiting', 'done')`.execute(transaction);
  await record(transaction, [
    { kind: 'campaign.freshened', subject: 'campaign', subjectId: campaignId, actor: 'demo', body: { due, total } },
  ]);
}

/** Writes all debtors, a statement a table. */
async function layDebtors(transaction: Tx, campaignId: string, invented: readonly InventedDebtor[]): Promise<void> {
  const creditors = [...new Set(invented.map((debtor) => debtor.creditor))];
  await sql`insert into creditor (name, demo) select name, true from unnest(${creditors}::text[]) as given (name)
    on conflict (name) do nothing`.execute(transaction);
  const debtors = invented.map((debtor) => ({ ...debtor, id: randomUUIDv7() }));
  await sql`insert into party (id, display_name, folded_name, country, address, language, time_zones, demo)
    select id, name, folded, country, address, language, string_to_array(zones, ' '), true
    from unnest(${debtors.map((one) => one.id)}::uuid[], ${debtors.map((one) => one.name)}::text[],
      ${debtors.map((one) => one.foldedName)}::text[], ${debtors.map((one) => one.country)}::text[],
      ${debtors.map((one) => one.address)}::text[], ${debtors.map((one) => one.language)}::text[],
      ${debtors.map((one) => one.zones.join(' '))}::text[]) as given (id, name, folded, country, address, language, zones)`.execute(
    transaction,
  );
  const phones = debtors.flatMap((one) =>
    one.phones.map((phone, rank) => ({ ...phone, rank, partyId: one.id, id: randomUUIDv7() })),
  );
  await sql`insert into phone (id, e164, country, number_type, time_zones)
    select id, e164, country, type, string_to_array(zones, ' ')
    from unnest(${phones.map((one) => one.id)}::uuid[], ${phones.map((one) => one.e164)}::text[],
      ${phones.map((one) => one.country)}::text[], ${phones.map((one) => one.type)}::text[],
      ${phones.map((one) => one.zones.join(' '))}::text[]) as given (id, e164, country, type, zones)
    on conflict (e164) do nothing`.execute(transaction);
  await sql`insert into party_phone (party_id, phone_id, rank)
    select given.party_id, phone.id, given.rank
    from unnest(${phones.map((one) => one.partyId)}::uuid[], ${phones.map((one) => one.e164)}::text[],
      ${phones.map((one) => one.rank)}::smallint[]) as given (party_id, e164, rank)
    join phone on phone.e164 = given.e164`.execute(transaction);
  const debts = debtors.flatMap((one) =>
    one.debts.map((debt) => ({ ...debt, partyId: one.id, creditor: one.creditor, id: randomUUIDv7() })),
  );
  await sql`insert into debt (id, creditor_id, account, product, currency, balance_minor, listed_minor, due_on)
    select given.id, creditor.id, account, product, currency, amount, amount, current_date - days_late
    from unnest(${debts.map((one) => one.id)}::uuid[], ${debts.map((one) => one.creditor)}::text[],
      ${debts.map((one) => one.account)}::text[], ${debts.map((one) => one.product)}::text[],
      ${debts.map((one) => one.currency)}::text[], ${debts.map((one) => one.amountMinor.toString())}::bigint[],
      ${debts.map((one) => one.daysLate)}::integer[]) as given (id, creditor, account, product, currency, amount, days_late)
    join creditor on creditor.name = given.creditor`.execute(transaction);
  const ids = debts.map((one) => one.id);
  await sql`insert into debt_party (debt_id, party_id)
    select * from unnest(${ids}::uuid[], ${debts.map((one) => one.partyId)}::uuid[])`.execute(transaction);
  await sql`insert into posting (debt_id, kind, amount_minor)
    select id, 'opening', balance_minor from debt where id = any(${ids}::uuid[])`.execute(transaction);
  await sql`insert into campaign_debt (campaign_id, debt_id)
    select ${campaignId}, id from unnest(${ids}::uuid[]) as given (id)`.execute(transaction);
}
