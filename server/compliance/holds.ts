import type { AppliedHold, AppliedRules } from './applied.ts';
import type { ConsentFacts, GateFacts, HoldFacts, PhoneFacts } from './facts.ts';
import type { RuleOrigin } from './windows.ts';

/** Holds that no pack names. */
export const OWN_RULE: RuleOrigin = {
  pack: 'house',
  version: 1,
  source: 'any hold stops contact unless a pack says what less it stops',
  evidence: 'V1',
};

/** The rule by which a hold stops this contact whenever it is in force, or null when it does not concern it. */
export function holdThatBlocks(facts: GateFacts, hold: HoldFacts): RuleOrigin | null {
  const { rules, debts, phone } = facts;
  if (hold.debtId !== null && !debts.some((debt) => debt.id === hold.debtId)) return null;
  if (hold.phoneId !== null && hold.phoneId !== phone?.id) return null;
  const known = rules.holds.get(hold.flag);
  if (known === undefined) return OWN_RULE;
  return known.find((rule) => blocks(rule, facts))?.origin ?? null;
}

function blocks(rule: AppliedHold, { phone, inconvenient, inconvenientPlaces = [] }: GateFacts): boolean {
  switch (rule.blocks) {
    case 'all':
      return true;
    case 'workplace':
      return phone?.place === 'work';
    // The hold names the number it is about; one that names none is taken to mean each.
    case 'that_number':
      return true;
    // The times and places speak for themselves where they are known.
    case 'matching_slots':
      return inconvenient.length === 0 && inconvenientPlaces.length === 0;
  }
}

/** Whether the last word on contact by this channel and number is a revocation. */
export function contactRevoked(
  consents: readonly ConsentFacts[],
  channel: string,
  phoneId: string | null,
  nowMs: number,
): boolean {
  return lastWord(consents, 'contact', channel, phoneId, nowMs) === false;
}

/**
 * Whether a recorded voice may be played to the number at all: freely, or because the person agreed. A call without it needs
 * a person on our end for each answer.
 */
export function recordedSoundAllowed(
  rules: AppliedRules,
  phone: Pick<PhoneFacts, 'id' | 'numberType'>,
  consents: readonly ConsentFacts[],
  nowMs: number,
): boolean {
  return (
    !rules.recordedSoundNeedsConsent.has(phone.numberType) ||
    lastWord(consents, 'recorded_sound', 'call', phone.id, nowMs) === true
  );
}

function lastWord(
  consents: readonly ConsentFacts[],
  kind: ConsentFacts['kind'],
  channel: string,
  phoneId: string | null,
  nowMs: number,
): boolean | null {
  let atMs = Number.NEGATIVE_INFINITY;
  let granted: boolean | null = null;
  for (const consent of consents) {
    if (consent.kind !== kind || consent.atMs > nowMs || consent.atMs < atMs) continue;
    if (consent.channel !== 'all' && consent.channel !== channel) continue;
    if (consent.phoneId !== null && consent.phoneId !== phoneId) continue;
    // Of two words spoken at once the refusal counts.
    granted = consent.atMs === atMs ? granted === true && consent.granted : consent.granted;
    atMs = consent.atMs;
  }
  return granted;
}
