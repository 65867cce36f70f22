import { HOUSE, NEVER, PERSON, finding, type Finding } from './finding.ts';
import type { NumberType } from '../contract/rule-terms.ts';
import type { GateFacts } from './facts.ts';
import { contactRevoked } from './holds.ts';

/** Numbers that are never called: they cost the person money, reach nobody, or are kept for need. */
const NEVER_CALLED: ReadonlySet<NumberType> = new Set([
  'premium_rate',
  'shared_cost',
  'satellite',
  'pager',
  'voicemail',
  'short',
  'emergency',
  'unknown',
]);
/** The demo's numbers are invented, so that no numbering plan knows them. */
const NEVER_CALLED_DEMO: ReadonlySet<NumberType> = new Set(['premium_rate', 'shared_cost', 'satellite', 'short', 'emergency']);
/** True for a kind of number that is never called, whoever's it is. */
export function isNeverCalled(numberType: NumberType): boolean {
  return NEVER_CALLED.has(numberType);
}

const TELEPHONE_CHANNELS: ReadonlySet<string> = new Set(['call', 'sms', 'whatsapp']);

/** Adds what no waiting mends: places, channels, kinds of number, words of the person. */
export function findStanding(
  facts: GateFacts,
  nowMs: number,
  zones: readonly string[],
  recordedSound: boolean,
  found: Finding[],
): void {
  const { rules, phone, channel, person } = facts;
  for (const problem of rules.problems) found.push(finding(problem.reason, { ...HOUSE, source: problem.what }, NEVER));
  if (zones.length === 0 && !rules.problems.some((problem) => problem.reason === 'unknown_country')) {
    found.push(finding('unknown_country', HOUSE, NEVER));
  }
  // Invented people are called on the demo carrier only, real people never there.
  if (person.demo !== (facts.trunkKind === 'demo')) found.push(finding('demo_and_real', HOUSE, NEVER));
  const denied = rules.deniedChannels.get(channel);
  if (denied !== undefined) found.push(finding('channel', denied, NEVER));
  if (TELEPHONE_CHANNELS.has(channel)) findNumber(facts, found);
  if (
    phone?.state === 'revoked' ||
    contactRevoked(facts.consents, channel, phone?.id ?? null, nowMs) ||
    (facts.recordedVoice === true && !recordedSound)
  ) {
    found.push(finding('consent', PERSON, NEVER));
  }
  if (phone !== null && facts.inconvenientPlaces?.includes(phone.place) === true) {
    found.push(finding('preference', PERSON, NEVER));
  }
}

function findNumber({ rules, phone, person, enabledCountries }: GateFacts, found: Finding[]): void {
  if (phone === null) {
    found.push(finding('number_type', HOUSE, NEVER));
    return;
  }
  const refused = person.demo ? NEVER_CALLED_DEMO : NEVER_CALLED;
  const origin = refused.has(phone.numberType) ? HOUSE : rules.deniedNumberTypes.get(phone.numberType);
  if (origin !== undefined) found.push(finding('number_type', origin, NEVER));
  if (phone.state === 'wrong') found.push(finding('wrong_number', PERSON, NEVER));
  if (person.demo) return;
  if (phone.country === null) found.push(finding('unknown_country', HOUSE, NEVER));
  else if (!enabledCountries.includes(phone.country)) found.push(finding('country_not_enabled', HOUSE, NEVER));
}
