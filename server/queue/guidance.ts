/** What the rules of a person's places ask, for whoever has their file open without a reservation. */
import { sql, type Kysely } from 'kysely';
import { guidanceOf } from '../compliance/guidance.ts';
import { currentCatalogue } from '../compliance/store.ts';
import type { Guidance } from '../contract/guidance.ts';
import type { Schema } from '../kernel/schema.ts';
import { rulesBinding, type PersonPlace } from './terms.ts';

type FoundPlace = PersonPlace & { country: string; creditorIds: string[]; campaignIds: string[] };

/** Of all the person's numbers, creditors and campaigns together; null for nobody. Indexes: party_pkey, party_phone_pkey, debt_party_by_party, dial_queue_by_party. */
export async function readGuidance(database: Kysely<Schema>, partyId: string): Promise<Guidance | null> {
  const { rows } = await sql<FoundPlace>`
    select p.country, p.regions, p.demo,
      (select coalesce(json_agg(json_build_object('e164', n.e164, 'country', n.country)), '[]')
        from party_phone link join phone n on n.id = link.phone_id where link.party_id = p.id and link.state = 'active') as phones,
      array(select distinct d.creditor_id::text from debt_party link join debt d on d.id = link.debt_id
        where link.party_id = p.id and link.role <> 'attorney' and d.state = 'open') as "creditorIds",
      array(select c.id::text from dial_queue q join campaign c on c.id = q.campaign_id
        where q.party_id = p.id and c.state <> 'ended' order by c.id) as "campaignIds"
    from party p where p.id = ${partyId}`.execute(database);
  const [person] = rows;
  if (!person) return null;
  const { catalogue } = await currentCatalogue(database);
  const countries = [...new Set([person.country, ...person.phones.map((phone) => phone.country)])];
  const { creditorIds, campaignIds } = person;
  const [law, ...ofCampaigns] = [null, ...campaignIds].map((campaignId) =>
    guidanceOf(rulesBinding(catalogue, person, countries, { creditorIds, campaignId })),
  );
  // Campaigns add no holds and nothing to be said, yet may warn of what the law leaves alone.
  const warnings = [law, ...ofCampaigns].flatMap((each) => each?.warnings ?? []);
  const byRule = new Map(warnings.toReversed().map((warning) => [warning.rule, warning]));
  return law === undefined ? null : { ...law, warnings: [...byRule.values()].toReversed() };
}
