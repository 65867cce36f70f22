import { hash } from 'node:crypto';
import type { GateFacts } from './facts.ts';

/**
 * SHA-256 (hex) over everything a verdict was made of: the facts, the moment and the versions of the packs. Equal inputs give
 * equal digests, whatever the order of their lists; stored with each attempt, it proves what the gate was told.
 */
export function digestInputs(facts: GateFacts, now: Temporal.Instant): string {
  return hash('sha256', canonicalInputs(facts, now), 'hex');
}

/** The inputs as text: fixed order of fields, sorted lists, no white space. */
export function canonicalInputs(facts: GateFacts, now: Temporal.Instant): string {
  const { person, phone } = facts;
  return JSON.stringify([
    now.epochMilliseconds,
    Object.entries(facts.rules.packVersions).toSorted(byText),
    facts.channel,
    [sorted(person.countries), sorted(person.zones), person.demo],
    phone === null ? null : [phone.id, phone.country, phone.numberType, phone.state, phone.place],
    sorted(facts.debts.map((debt) => JSON.stringify([debt.id, debt.product]))),
    sorted(facts.holds.map((hold) => JSON.stringify([hold.flag, hold.debtId, hold.phoneId, hold.fromMs, hold.untilMs]))),
    sorted(facts.consents.map((each) => JSON.stringify([each.channel, each.phoneId, each.kind, each.granted, each.atMs]))),
    sorted(facts.inconvenient.map((each) => JSON.stringify([sorted(each.days.map(String)), each.from, each.to]))),
    sorted(
      facts.contacts.map((each) =>
        JSON.stringify([
          each.atMs,
          each.conversationAtMs ?? null,
          each.channel,
          [each.attempt, each.couldLeaveMessage, each.conversation, each.promise === true, each.dispute === true],
          [each.samePerson, each.sameNumber],
          sorted(each.debts),
          sorted(each.products),
          ...(each.abandoned === true ? ['abandoned'] : []),
        ]),
      ),
    ),
    facts.firstConversationMs,
    facts.liveContact?.untilMs ?? null,
    sorted(facts.enabledCountries),
    facts.trunkKind,
    facts.ringTimeoutMs,
    sorted(facts.overrides),
    facts.campaign.key,
    // What is seldom told is left out where it was not, so that it changes no other digest.
    ...seldom('places', sorted(facts.inconvenientPlaces ?? [])),
    ...seldom('recorded', facts.recordedVoice === true ? [''] : []),
    ...seldom('agentHeld', facts.agentHeld === true ? [''] : []),
  ]);
}

function seldom(name: string, values: readonly string[]): readonly string[][] {
  return values.length === 0 ? [] : [[name, ...values]];
}

function sorted(texts: readonly string[]): readonly string[] {
  return texts.length < 2 ? texts : texts.toSorted();
}

function byText(a: readonly [string, number], b: readonly [string, number]): number {
  return a[0] < b[0] ? -1 : 1;
}
