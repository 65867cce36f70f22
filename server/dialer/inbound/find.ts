import { debtorSearch } from '../../contract/debtors.ts';
import type { DeskCommand } from '../../contract/desk.ts';
import { findDebtors } from '../../debtors/search.ts';
import { Refusal } from '../../kernel/errors.ts';
import { changed } from '../desks.ts';
import { floorNowMs, type Desk, type Floor } from '../floor.ts';
import { initialsOf } from './rules.ts';
import { readPeople } from './store.ts';

type Find = Extract<DeskCommand, { type: 'find_caller' }>;

/** Of an account number or an id that somebody knows there is one holder, or a few. */
const MOST_FOUND = 5;
/** Nobody guesses their way through the debtors during one call. */
const MOST_SEARCHES = 10;

/**
 * Looks for a caller whose number tells nothing among the people of the campaigns that the agent serves, by what the caller says themselves.
 * Whom it finds may be confirmed like any candidate, and is shown no further. Throws `nobody_found`, `searched_enough`, and
 * `caller_withheld` where no number was told: the contact would be with no telephone.
 */
export async function findCaller(floor: Floor, desk: Desk, { attemptId, text }: Find): Promise<void> {
  const { call } = desk;
  const inbound = call?.attemptId === attemptId ? call.inbound : null;
  if (!call || !inbound || (desk.work.state !== 'talking' && desk.work.state !== 'wrap_up')) {
    throw new Refusal('not_your_call', 'this call is not on your desk', { field: 'attemptId', status: 409 });
  }
  if (call.partyId !== null) throw new Refusal('already_confirmed', 'it was confirmed who is calling', { status: 409 });
  if (call.number === '') throw new Refusal('caller_withheld', 'the caller tells no number', { field: 'text', status: 409 });
  if (inbound.searches >= MOST_SEARCHES) {
    throw new Refusal('searched_enough', 'there were enough searches in this call', { field: 'text', status: 409 });
  }
  inbound.searches += 1;
  const campaign = floor.campaigns.get(call.campaignId);
  const served = [call.campaignId, ...desk.profile.campaigns.map((each) => each.id)];
  const found = await search(floor, text);
  const people = found.filter((each) => each.demo === (campaign?.demo ?? false)).map((each) => each.partyId);
  const known = await readPeople(floor.database, people, served);
  inbound.found = known
    .filter(({ partyId }) => !inbound.candidates.some((each) => each.partyId === partyId))
    .slice(0, MOST_FOUND)
    .map(({ partyId, name, kind, language }) => ({ partyId, initials: initialsOf(name), kind, language }));
  floor.journal.event({
    kind: 'inbound.searched',
    subject: 'inbound',
    subjectId: attemptId,
    actor: desk.agentId,
    at: Temporal.Instant.fromEpochMilliseconds(floorNowMs(floor)),
    body: { found: known.map((each) => each.partyId) },
  });
  changed(floor, desk);
  if (known.length === 0)
    throw new Refusal('nobody_found', 'nobody has this account, id or number', { field: 'text', status: 404 });
}

/** What the caller says may be any of the three; none is searched for that it cannot be. */
async function search(floor: Floor, text: string) {
  const ways = (['account', 'identity', 'number'] as const).flatMap((by) => debtorSearch.safeParse({ by, text }).data ?? []);
  return (await Promise.all(ways.map((way) => findDebtors(floor.database, way)))).flat();
}
