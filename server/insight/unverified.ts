import { sql, type Kysely } from 'kysely';
import type { AppliedRules } from '../compliance/applied.ts';
import { rulesFor, rulesOfPack, type Catalogue } from '../compliance/catalogue.ts';
import { currentCatalogue } from '../compliance/store.ts';
import { unverifiedReasons } from '../compliance/unverified.ts';
import type { UnverifiedReasons } from '../contract/guidance.ts';
import type { Schema } from '../kernel/schema.ts';

interface CampaignPlaces {
  id: string;
  creditorId: string | null;
  demo: boolean;
  countries: string[];
}

/** For which reasons the debtors of a campaign (null: of all that have not ended) may be refused by rules that nobody has verified. */
export async function readUnverified(database: Kysely<Schema>, campaignId: string | null): Promise<UnverifiedReasons> {
  const { rows } = await sql<CampaignPlaces>`
    select id, creditor_id as "creditorId", demo, coalesce(settings -> 'countries', '[]') as countries from campaign
    where case when ${campaignId}::uuid is null then state <> 'ended' else id = ${campaignId}::uuid end`.execute(database);
  const { catalogue } = await currentCatalogue(database);
  return unverifiedReasons(rows.flatMap((campaign) => rulesOf(catalogue, campaign)));
}

function rulesOf(catalogue: Catalogue, { id, creditorId, demo, countries }: CampaignPlaces): AppliedRules[] {
  const behalf = { creditorIds: creditorId === null ? [] : [creditorId], campaignId: id };
  const regions = [...catalogue.packs.values()].flatMap((pack) => pack.regions);
  return [
    ...countries.map((country) => {
      const within = regions.filter((region) => region.startsWith(`${country}-`));
      return rulesFor(catalogue, [country], within, behalf);
    }),
    ...(demo ? [rulesOfPack(catalogue, 'demo')] : []),
  ];
}
