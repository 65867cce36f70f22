/** Puts to sleep whom the law forbids to call now: when a window closes, those who stand first must not be in the way of all others. */
import { sql, type Kysely } from 'kysely';
import { currentCatalogue, knownCatalogue, ruleMark, type RuleMark } from '../compliance/store.ts';
import type { HistoryEvent } from '../kernel/history.ts';
import type { Schema } from '../kernel/schema.ts';
import { lookBackDays, readFacts, type AskedPerson } from './facts.ts';
import { judgePerson } from './judge.ts';
import { whyRefused, writeRefusals, type Refused } from './store.ts';
import { compileCampaign } from './terms.ts';

/** So many of those who stand first are looked at, without a lock; only where half of them may not be called are any put to sleep. */
const LOOKED_AT = 40;
/** People put to sleep in one transaction. */
const AT_ONCE = 200;

interface Round {
  campaignId: string;
  /** The moment to judge by, for tests; the database's clock when left out. */
  now?: Temporal.Instant;
}

/**
 * Looks at a running campaign's best ready debtors, and as long as most of them may not be called now, moves those to their earliest lawful
 * time, each batch in a transaction of its own and under the locks of a reservation. Callbacks are left to their agents. Returns how many
 * were moved; ends early when `signal` is aborted.
 */
export async function demoteAll(database: Kysely<Schema>, round: Round, signal?: AbortSignal): Promise<number> {
  const seen = await judgeFirst(database, round, { limit: LOOKED_AT, locks: false });
  let demoted = 0;
  for (let closed = isMostlyRefused(seen); closed && signal?.aborted !== true;) {
    const batch = await database.transaction().execute(async (transaction) => {
      const found = await judgeFirst(transaction, round, { limit: AT_ONCE, locks: true });
      await writeRefusals(transaction, round.campaignId, found.refused, demotedEvents(round.campaignId, found.refused));
      return found;
    });
    demoted += batch.refused.length;
    closed = batch.looked === AT_ONCE && isMostlyRefused(batch);
  }
  return demoted;
}

interface Judged {
  looked: number;
  refused: Refused[];
}

function isMostlyRefused({ looked, refused }: Judged): boolean {
  return refused.length * 2 >= looked && refused.length > 0;
}

type FoundRow = RuleMark &
  AskedPerson & {
    begun: Temporal.Instant;
    version: number;
    settings: unknown;
    trunkKind: 'demo' | 'real';
  };

/** Indexes: dial_queue_ready, party_pkey. */
async function judgeFirst(
  database: Kysely<Schema>,
  { campaignId, now }: Round,
  { limit, locks }: { limit: number; locks: boolean },
): Promise<Judged> {
  const lock = locks ? sql`for no key update skip locked` : sql``;
  const { rows } = await sql<FoundRow>`
    with picked as materialized (
      select party_id, band, standing, phone_id, phone_last from dial_queue
      where campaign_id = ${campaignId} and state = 'ready' and callback_id is null
      order by band desc, standing desc, party_id limit ${sql.lit(limit)} ${lock}
    ), people as materialized (
      select id from party where id in (select party_id from picked) order by id ${lock}
    )
    select picked.party_id as "partyId", picked.phone_id as "wishedPhoneId", picked.phone_last as "phoneLast",
      campaign.version, campaign.settings, trunk.kind as "trunkKind", clock_timestamp() as begun, ${ruleMark}
    from picked join people on people.id = picked.party_id
    join campaign on campaign.id = ${campaignId} and campaign.state = 'running'
    join trunk on trunk.name = campaign.settings ->> 'trunk'
    order by picked.band desc, picked.standing desc, picked.party_id`.execute(database);
  const [first] = rows;
  if (!first) return { looked: 0, refused: [] };
  const { catalogue } = knownCatalogue(first) ?? (await currentCatalogue(database));
  const campaign = compileCampaign({ ...first, id: campaignId });
  const clock = { now: now ?? null, begun: first.begun, days: lookBackDays(catalogue) };
  const refused: Refused[] = [];
  for (const person of await readFacts(database, campaignId, rows, clock)) {
    // Whoever is being called for another campaign is free again in a moment.
    if (person.live || person.phones.some((phone) => phone.live)) continue;
    const all = person.phones.map((phone) => phone.id);
    const judged = judgePerson(catalogue, campaign, person, all, new Set());
    if (judged !== null && 'reason' in judged) refused.push(judged);
  }
  return { looked: rows.length, refused };
}

/** One event for all who are refused alike: a country that closes moves a million. */
function demotedEvents(campaignId: string, refused: readonly Refused[]): HistoryEvent[] {
  const alike = Map.groupBy(refused, (each) => JSON.stringify(whyRefused(each)));
  return [...alike.values()].flatMap((people) => {
    const [first] = people;
    if (!first) return [];
    const body = whyRefused(first);
    const whom = people.map(({ partyId, phoneId, digest }) => [partyId, phoneId, digest]);
    return [{ kind: 'queue.demoted', subject: 'campaign', subjectId: campaignId, actor: 'worker', body: { ...body, whom } }];
  });
}
