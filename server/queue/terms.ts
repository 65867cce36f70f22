/** Puts what was read of a person into the gate's own terms. */
import type { AppliedRules } from '../compliance/applied.ts';
import {
  campaignRules,
  rulesFor,
  rulesOfPack,
  type Behalf,
  type CampaignRules,
  type Catalogue,
} from '../compliance/catalogue.ts';
import { NUMBER_TYPES, type NumberType, CHANNELS, type Channel } from '../contract/rule-terms.ts';
import type { ConsentFacts, GateFacts, PastContact } from '../compliance/facts.ts';
import { campaignSettings, type CampaignSettings } from '../contract/campaigns.ts';
import { regionsOfNumber } from '../debtors/regions.ts';
import type { ContactRow, PersonFacts, PersonPhone } from './facts.ts';
import { orderPhones } from './turn.ts';

/** A campaign as the gate meets it. */
export interface GateCampaign {
  id: string;
  settings: CampaignSettings;
  rules: CampaignRules;
  trunkKind: 'demo' | 'real';
}

/** A call's time-out runs from the dial: before the telephone rings the networks need this long at most, with few exceptions. */
const SETUP_MS = 5_000;

/** A contact under way is looked at again after this long. */
const LIVE_CONTACT_RETRY_MS = 60_000;

const compiled = new Map<string, { version: number; settings: CampaignSettings; rules: CampaignRules }>();

/** The version in which a campaign's settings are compiled already, or null: only in another one need they be read. */
export function knownVersion(campaignId: string): number | null {
  return compiled.get(campaignId)?.version ?? null;
}

/** A campaign's settings and compiled rules; compiled once per version. `settings` are looked at in a version that is not known. */
export function compileCampaign(row: {
  id: string;
  version: number;
  settings: unknown;
  trunkKind: 'demo' | 'real';
}): GateCampaign {
  let known = compiled.get(row.id);
  if (known?.version !== row.version) {
    const settings = campaignSettings.parse(row.settings);
    known = { version: row.version, settings, rules: campaignRules(settings) };
    compiled.set(row.id, known);
  }
  return { id: row.id, settings: known.settings, rules: known.rules, trunkKind: row.trunkKind };
}

/** The person's numbers in the order of their turn, without those not in `lockedIds` (null: all). */
export function phonesInTurn(person: PersonFacts, lockedIds: readonly string[] | null): PersonPhone[] {
  const phones = lockedIds === null ? person.phones : person.phones.filter((phone) => lockedIds.includes(phone.id));
  if (phones.length < 2) return phones;
  const calls = person.contacts
    .filter((row) => row.channel === 'call')
    .map((row) => ({ phoneId: row.phoneId, atMs: row.atMs, answered: wasAnswered(row) }));
  const wish = { id: person.wishedPhoneId, last: person.phoneLast };
  return orderPhones(phones, wish, calls, person.now.epochMilliseconds);
}

/** Whether a person answered a past call; a busy line tells nothing. */
function wasAnswered({ result, conversationMs }: ContactRow): boolean | null {
  if (conversationMs !== null || result === 'connected' || result === 'abandoned') return true;
  return result === 'busy' || result === null ? null : false;
}

/** The facts of a call to one of the person's numbers, with the rules of the place. Debts on hold are left out, unless all are. */
export function gateFactsOf(catalogue: Catalogue, campaign: GateCampaign, person: PersonFacts, phone: PersonPhone): GateFacts {
  const { settings } = campaign;
  const nowMs = person.now.epochMilliseconds;
  const holds = person.holds.map(({ kind, ...hold }) => ({ flag: kind, ...hold }));
  const free = person.debts.filter((debt) => !holds.some((hold) => hold.debtId === debt.id && hold.fromMs <= nowMs));
  const asked = free.length > 0 ? free : person.debts;
  const debts = asked.map(({ id, product }) => ({ id, product }));
  const countries = [...new Set([person.country, phone.country])];
  const places = person.preferences.flatMap(({ place }) => place ?? []);
  const creditorIds = [...new Set(asked.map((debt) => debt.creditorId))];
  const rules = rulesBinding(catalogue, person, countries, { creditorIds, campaignId: campaign.id });
  return {
    rules,
    campaign: campaign.rules,
    channel: 'call',
    person: {
      countries,
      // The person may be wherever the address or any of the numbers says.
      zones: [...new Set([...person.zones, ...person.phones.flatMap((each) => each.zones)])],
      demo: person.demo,
    },
    phone: { id: phone.id, country: phone.country, numberType: numberTypeOf(phone.type), state: 'active', place: phone.place },
    debts,
    holds,
    consents: person.consents.flatMap(consentOf),
    inconvenient: person.preferences.flatMap(({ days, from, to }) => (days === null ? [] : [{ days, from, to }])),
    ...(places.length > 0 ? { inconvenientPlaces: places } : {}),
    contacts: person.contacts.map((row) => pastContact(person, row, phone.id)),
    firstConversationMs: person.firstConversationMs,
    liveContact: person.live || phone.live ? { untilMs: nowMs + LIVE_CONTACT_RETRY_MS } : null,
    enabledCountries: settings.countries,
    trunkKind: campaign.trunkKind,
    // Whoever is called may let it ring for as long as their law, and the campaign, promises.
    ringTimeoutMs: person.demo
      ? settings.ringTimeoutMs
      : Math.max(settings.ringTimeoutMs, Math.max(settings.minRingMs, rules.abandonment.minimumRingMs) + SETUP_MS),
    // Progressive pacing places no call without an agent of its own.
    ...(settings.pacing.mode === 'progressive' ? { agentHeld: true } : {}),
    overrides: person.overrides,
  };
}

/** Where a person may be, as far as it decides which rules bind. */
export type PersonPlace = Pick<PersonFacts, 'demo' | 'regions'> & { phones: readonly Pick<PersonPhone, 'e164' | 'country'>[] };

/** The rules of all packs that bind contact with the person in these countries. */
export function rulesBinding(
  catalogue: Catalogue,
  person: PersonPlace,
  countries: readonly string[],
  behalf: Behalf,
): AppliedRules {
  return person.demo ? rulesOfPack(catalogue, 'demo') : rulesFor(catalogue, countries, regionsOf(person), behalf);
}

/** Every region whose rules bind: that of the address, and those of the numbers, since the person may be there. */
function regionsOf({ regions, phones }: PersonPlace): string[] {
  return [...new Set([...regions, ...phones.flatMap((phone) => regionsOfNumber(phone.e164, phone.country))])];
}

/** A network's refusal (busy included) cannot have left a message; anything unknown could. */
const NO_MESSAGE_POSSIBLE: ReadonlySet<string | null> = new Set(['failed', 'busy']);

function pastContact(person: PersonFacts, row: ContactRow, phoneId: string): PastContact {
  return {
    atMs: row.atMs,
    channel: channelOf(row.channel),
    attempt: !row.inbound,
    couldLeaveMessage: !NO_MESSAGE_POSSIBLE.has(row.result),
    conversation: row.conversationMs !== null,
    ...(row.conversationMs === null ? {} : { conversationAtMs: row.conversationMs }),
    ...(row.said === 'promise' ? { promise: true } : {}),
    ...(row.said === 'dispute' ? { dispute: true } : {}),
    ...(row.result === 'abandoned' ? { abandoned: true } : {}),
    samePerson: row.partyId === person.partyId,
    sameNumber: row.phoneId === phoneId,
    debts: row.debts,
    products: row.products,
  };
}

function channelOf(text: string): Channel {
  return CHANNELS.find((channel) => channel === text) ?? 'call';
}

function numberTypeOf(text: string): NumberType {
  return NUMBER_TYPES.find((type) => type === text) ?? 'unknown';
}

/** A word about a channel that is none of ours is taken for all of them when it refuses, and for none when it allows. */
function consentOf(row: PersonFacts['consents'][number]): ConsentFacts[] {
  const channel = row.channel === 'all' ? 'all' : CHANNELS.find((each) => each === row.channel);
  if (channel === undefined && row.granted) return [];
  const kind = row.kind === 'recorded_sound' ? 'recorded_sound' : 'contact';
  return [{ channel: channel ?? 'all', kind, phoneId: row.phoneId, granted: row.granted, atMs: row.atMs }];
}
