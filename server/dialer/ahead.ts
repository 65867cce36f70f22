import { foresee } from '../queue/foresee.ts';
import { readChances } from '../queue/hours.ts';
import type { Campaign, Floor } from './floor.ts';

/**
 * How likely those answer who come next in a campaign's queue, for pacing that dials ahead of agents: told with each call, and beforehand of the
 * calls that the pacer thinks of making. Read for some tens of debtors at a time, so that most reservations and every tick find it here.
 */
export interface Ahead {
  /** Monotonic ms. */
  readonly readAtMs: number;
  /** Chances, 0–1, by debtor, in the order of the queue. */
  readonly chances: Map<string, number>;
  /** The first of them as the pacer wants them: of the one to be dialed first first. */
  next: Float64Array;
}

/** The queue and the hour go on: what was read longer ago is read anew. */
const GOOD_FOR_MS = 60_000;
/** With fewer left the next are read. */
const FEW = 10;
/** More than one tick dials, and no more than its record need keep. */
const TOLD = 24;

/** What is needed of a floor, and of a campaign. */
type AheadFloor = Pick<Floor, 'database' | 'hours' | 'clock'>;
type AheadCampaign = Pick<Campaign, 'id' | 'settings' | 'ahead'>;

/** What is known of the debtors who would be dialed next; undefined where nothing is, or it does not matter. */
export function nextLeads(floor: AheadFloor, campaign: AheadCampaign): Float64Array | undefined {
  return isGood(floor, campaign.ahead) ? campaign.ahead.next : undefined;
}

/**
 * How likely reserved debtors are to answer at this hour, where that is known and matters: one agent a call needs no such figure. They come
 * off the list of the next; who is not on it is asked about. Never throws: the pacer does without.
 */
export async function chancesOf(
  floor: AheadFloor,
  campaign: AheadCampaign,
  partyIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const { hours } = floor;
  if (hours === null || campaign.settings.pacing.mode === 'progressive') {
    campaign.ahead = null;
    return new Map();
  }
  const known = isGood(floor, campaign.ahead) ? campaign.ahead.chances : new Map<string, number>();
  const own = new Map(partyIds.flatMap((id) => (known.has(id) ? [[id, known.get(id) ?? 0]] : [])));
  const unknown = partyIds.filter((id) => !own.has(id));
  takeOff(floor, campaign, partyIds);
  if (unknown.length === 0) return own;
  // The calls must not wait for another try.
  const asked = await readChances(floor.database, hours, unknown, floor.clock.now()).catch(() => new Map<string, number>());
  return new Map([...own, ...asked]);
}

/** Whoever is called is nobody's next; once few are left, the next are read, which nobody waits for. */
function takeOff(floor: AheadFloor, campaign: AheadCampaign, partyIds: readonly string[]): void {
  const { ahead } = campaign;
  if (isGood(floor, ahead)) {
    for (const id of partyIds) ahead.chances.delete(id);
    ahead.next = firstOf(ahead.chances);
    if (ahead.chances.size >= FEW) return;
  }
  readOn(floor, campaign).catch(() => {
    // Read at the next reservation.
  });
}

async function readOn(floor: AheadFloor, campaign: AheadCampaign): Promise<void> {
  if (floor.hours === null) return;
  const readAtMs = floor.clock.monotonicMs();
  const chances = await foresee(floor.database, floor.hours, campaign.id, floor.clock.now());
  campaign.ahead = { readAtMs, chances, next: firstOf(chances) };
}

/** Four places are more than is known. */
function firstOf(chances: ReadonlyMap<string, number>): Float64Array {
  return Float64Array.from([...chances.values()].slice(0, TOLD), (chance) => Math.round(chance * 10_000) / 10_000);
}

function isGood(floor: AheadFloor, ahead: Ahead | null): ahead is Ahead {
  return ahead !== null && floor.clock.monotonicMs() - ahead.readAtMs < GOOD_FOR_MS;
}
