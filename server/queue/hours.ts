/** Keeps queues true to the hour: whoever is likelier to answer at another lawful hour stands behind those whose best hour this is. */
import { sql } from 'kysely';
import { rulesOfPack, type Catalogue } from '../compliance/catalogue.ts';
import { judge } from '../compliance/gate.ts';
import { strangerIn } from '../compliance/reach.ts';
import { catalogueAt } from '../compliance/store.ts';
import { LEAST_ID, type Database } from '../kernel/database.ts';
import { answerChance, bestHour, hourOfWeek, HOURS_OF_WEEK, hourShare, type HourModel } from '../scoring/hours.ts';
import { readHourModel, readOwnHours } from '../scoring/store.ts';
import { compileCampaign, type GateCampaign } from './terms.ts';

/** People looked at in one go; their rows are held for some milliseconds. */
const BATCH = 2_000;

/** A queue row that is ready or will be within the hour, of somebody who has been called before. */
interface Row {
  partyId: string;
  share: number;
  country: string;
  regions: string[];
  zones: string[];
  demo: boolean;
}

/**
 * Writes by what share of their score debtors of a campaign stand in its queue at this hour (`hourShare`), for those who have been called before
 * and are ready now or within the hour; rows that somebody else holds keep the last hour's. Returns how many rows changed. Stops between two
 * batches when `signal` is aborted. Index: dial_queue_pkey.
 */
export async function refreshHours(
  database: Database,
  campaignId: string,
  options: { now?: Temporal.Instant; signal?: AbortSignal } = {},
): Promise<number> {
  const now = options.now ?? Temporal.Now.instant();
  const campaign = await readCampaign(database, campaignId);
  if (campaign === null) return 0;
  const model = await readHourModel(database);
  const { catalogue } = await catalogueAt(database, now);
  const lawful = new Map<string, readonly number[]>();
  let changed = 0;
  for (let after: string | undefined = LEAST_ID; after !== undefined && options.signal?.aborted !== true;) {
    const rows = await readRows(database, campaignId, after, now);
    after = rows.at(-1)?.partyId;
    changed += await writeShares(
      database,
      campaignId,
      await sharesOf(database, rows, { campaign, catalogue, model, now, lawful }),
    );
  }
  return changed;
}

interface Scene {
  campaign: GateCampaign;
  catalogue: Catalogue;
  model: HourModel;
  now: Temporal.Instant;
  /** Hours of the week in which people of a place may be called, found once for each place. */
  lawful: Map<string, readonly number[]>;
}

async function readCampaign(database: Database, id: string): Promise<GateCampaign | null> {
  const row = await database
    .selectFrom('campaign')
    .innerJoin('trunk', (join) => join.on(sql<boolean>`trunk.name = campaign.settings ->> 'trunk'`))
    .select(['campaign.id', 'campaign.version', 'campaign.settings', 'trunk.kind as trunkKind'])
    .where('campaign.id', '=', id)
    .executeTakeFirst();
  return row ? compileCampaign(row) : null;
}

async function readRows(database: Database, campaignId: string, after: string, now: Temporal.Instant): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select q.party_id as "partyId", q.hour_share as share, p.country, p.regions, p.time_zones as zones, p.demo
    from dial_queue q join contact_tally t on t.party_id = q.party_id join party p on p.id = q.party_id
    where q.campaign_id = ${campaignId} and q.party_id > ${after} and t.tries > 0
      and (q.state = 'ready' or q.state = 'waiting' and q.not_before <= ${now.add({ hours: 1 }).toString()}::timestamptz)
    order by q.party_id limit ${BATCH}`.execute(database);
  return rows;
}

/** The chances, 0–1, that people answer at a moment, by id. */
export async function readChances(
  database: Database,
  model: HourModel,
  partyIds: readonly string[],
  now: Temporal.Instant,
): Promise<Map<string, number>> {
  const own = await readOwnHours(database, partyIds);
  return new Map(
    [...own].map(([id, person]) => [id, answerChance(model, person.segment, person.own, hourOfWeek(now, person.zone))]),
  );
}

async function sharesOf(database: Database, rows: readonly Row[], scene: Scene): Promise<{ partyId: string; share: number }[]> {
  const own = await readOwnHours(
    database,
    rows.map((row) => row.partyId),
  );
  return rows.flatMap((row) => {
    const person = own.get(row.partyId);
    const zone = person?.zone ?? 'UTC';
    const hour = hourOfWeek(scene.now, zone);
    const hours = lawfulHours(scene, row);
    const today = hours.filter((each) => Math.floor(each / 24) === Math.floor(hour / 24));
    const best = person && bestHour(scene.model, person, hours, dayIn(scene.now, zone), today);
    if (!person || !best) return [];
    const share = hourShare(hour, answerChance(scene.model, person.segment, person.own, hour), best);
    return share === row.share ? [] : [{ partyId: row.partyId, share }];
  });
}

function dayIn(now: Temporal.Instant, zone: string): string {
  return now.toZonedDateTimeISO(zone).toPlainDate().toString();
}

/** The hours of the coming week that the packs and the campaign leave open to people of the row's place, by their own week. */
function lawfulHours({ campaign, catalogue, now, lawful }: Scene, { country, regions, zones, demo }: Row): readonly number[] {
  const key = `${country} ${regions.join()} ${zones.join()} ${demo}`;
  let hours = lawful.get(key);
  if (hours === undefined) {
    const facts = {
      ...strangerIn(catalogue, { country, regions, zones }, { creditorIds: [], campaignId: campaign.id }),
      campaign: campaign.rules,
      trunkKind: campaign.trunkKind,
      person: { countries: [country], zones, demo },
      ...(demo ? { rules: rulesOfPack(catalogue, 'demo') } : {}),
    };
    const week = Array.from({ length: HOURS_OF_WEEK }, (_, ahead) => now.add({ hours: ahead }));
    const open = week.filter((at) => judge(facts, at).verdict === 'allow');
    hours = open.map((at) => hourOfWeek(at, zones[0] ?? 'UTC'));
    lawful.set(key, hours);
  }
  return hours;
}

async function writeShares(
  database: Database,
  campaignId: string,
  shares: readonly { partyId: string; share: number }[],
): Promise<number> {
  if (shares.length === 0) return 0;
  const written = await sql`
    with given as (
      select * from unnest(${shares.map((each) => each.partyId)}::uuid[], ${shares.map((each) => each.share)}::int[]) as given (party_id, share)
    ), free as materialized (
      select q.party_id from dial_queue q join given using (party_id) where q.campaign_id = ${campaignId} for no key update of q skip locked
    )
    update dial_queue q set hour_share = given.share from given join free using (party_id)
    where q.campaign_id = ${campaignId} and q.party_id = given.party_id`.execute(database);
  return Number(written.numAffectedRows ?? 0n);
}
