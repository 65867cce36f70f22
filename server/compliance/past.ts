import type { AppliedAbandonment } from './applied.ts';
import { CAMPAIGN, type CampaignRules } from './catalogue.ts';
import { capLiftsAt, countedApart, limits } from './caps.ts';
import { cooloffEndsAt } from './cooloffs.ts';
import type { GateFacts, PastContact } from './facts.ts';
import { HOUSE, NEVER, finding, type Finding } from './finding.ts';
import { holdThatBlocks } from './holds.ts';
import type { CapScope } from '../contract/rule-terms.ts';
import type { RuleOrigin } from './windows.ts';

const HOUR_MS = 3_600_000;
/** A contact under way is not asked about again sooner. */
const LEAST_WAIT_MS = 1_000;

/** Adds what time alone mends: holds with an end, caps, cool-offs, an abandoned call, a contact under way. */
export function findPast(facts: GateFacts, nowMs: number, zones: readonly string[], found: Finding[]): void {
  for (const hold of facts.holds) {
    if (hold.fromMs > nowMs || (hold.untilMs !== null && hold.untilMs <= nowMs)) continue;
    const origin = holdThatBlocks(facts, hold);
    if (origin !== null) found.push(finding(hold.flag, origin, hold.untilMs ?? NEVER));
  }
  if (facts.contacts.length > 0) {
    const contacts = newestFirst(facts.contacts, nowMs);
    findCaps(facts, contacts, nowMs, zones, found);
    for (const cooloff of facts.rules.cooloffs) {
      if (!limits(cooloff.rule.blocks, facts.channel)) continue;
      const untilMs = cooloffEndsAt(cooloff, contacts, facts.debts, nowMs, zones);
      if (untilMs > nowMs) found.push(finding(cooloff.rule.id, cooloff.origin, untilMs, cooloff.rule.severity));
    }
    findAbandoned(facts, contacts, nowMs, found);
  }
  if (facts.liveContact !== null) {
    found.push(finding('live_contact', HOUSE, Math.max(facts.liveContact.untilMs, nowMs + LEAST_WAIT_MS)));
  }
}

function findCaps(
  facts: GateFacts,
  contacts: readonly PastContact[],
  nowMs: number,
  zones: readonly string[],
  found: Finding[],
): void {
  const firstConversationMs = firstConversation(facts, contacts);
  const listsOf = new Map<CapScope, ReturnType<typeof countedApart>>();
  for (const caps of [facts.rules.caps, facts.campaign.caps]) {
    for (const cap of caps) {
      const { rule, origin } = cap;
      if (!limits(rule.event, facts.channel)) continue;
      let lists = listsOf.get(rule.scope);
      if (lists === undefined) {
        lists = countedApart(rule.scope, contacts, facts.debts);
        listsOf.set(rule.scope, lists);
      }
      const untilMs = capLiftsAt(cap, lists, nowMs, zones, firstConversationMs);
      if (untilMs > nowMs) found.push(finding(rule.id, origin, untilMs, rule.severity));
    }
  }
}

/** After a call that nobody was free to take, the number is dialed again only with an agent held for it. */
function findAbandoned(facts: GateFacts, contacts: readonly PastContact[], nowMs: number, found: Finding[]): void {
  const { rules, campaign } = facts;
  const redialBlockHours = Math.max(rules.abandonment.redialBlockHours, campaign.redialBlockHours);
  if (redialBlockHours === 0 || facts.channel !== 'call' || facts.agentHeld === true) return;
  const last = contacts.find((contact) => contact.abandoned === true && contact.sameNumber);
  if (last === undefined) return;
  const untilMs = last.atMs + redialBlockHours * HOUR_MS;
  if (untilMs > nowMs) found.push(finding('redial_block', originOfBlock(rules.abandonment, campaign), untilMs));
}

function originOfBlock({ redialBlockHours, origins }: AppliedAbandonment, campaign: CampaignRules): RuleOrigin {
  return campaign.redialBlockHours > redialBlockHours ? CAMPAIGN : (origins[0] ?? HOUSE);
}

function firstConversation(facts: GateFacts, contacts: readonly PastContact[]): number | null {
  if (facts.firstConversationMs !== null) return facts.firstConversationMs;
  return contacts.findLast((each) => each.conversation && each.samePerson)?.atMs ?? null;
}

/** The contacts no later than now, newest first; the same list where it already is so. */
function newestFirst(contacts: readonly PastContact[], nowMs: number): readonly PastContact[] {
  let latestMs = nowMs;
  for (const { atMs } of contacts) {
    if (atMs > latestMs) return contacts.filter((each) => each.atMs <= nowMs).toSorted((a, b) => b.atMs - a.atMs);
    latestMs = atMs;
  }
  return contacts;
}
