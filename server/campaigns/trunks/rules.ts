/** When a trunk may be armed, and which number it may be tested with: decided apart from doing it. */
import type { NumberType } from '../../contract/rule-terms.ts';
import { isNeverCalled } from '../../compliance/standing.ts';
import type { TrunkProof } from '../../contract/trunks.ts';
import type { Fault } from '../rules.ts';

/** A test call older than this says little of a carrier that may have changed its mind. */
export const PROOF_DAYS = 7;

/** What test calls say of a trunk. `passedAt`: the last one that passed with the settings it has now; `everPassed`: with any. */
export interface TestedTrunk {
  kind: 'demo' | 'real';
  passedAt: Temporal.Instant | null;
  everPassed: boolean;
}

/** Whether a trunk has been heard to work as it is set now, and until when that counts. */
export function proofOf(trunk: TestedTrunk, now: Temporal.Instant): { proof: TrunkProof; provenUntil: Temporal.Instant | null } {
  if (trunk.kind === 'demo') return { proof: 'not_needed', provenUntil: null };
  if (trunk.passedAt === null) return { proof: trunk.everPassed ? 'changed' : 'never', provenUntil: null };
  const provenUntil = trunk.passedAt.add({ hours: PROOF_DAYS * 24 });
  return Temporal.Instant.compare(now, provenUntil) < 0 ? { proof: 'passed', provenUntil } : { proof: 'expired', provenUntil };
}

const UNPROVEN: Readonly<Record<TrunkProof, { code: string; message: string } | null>> = {
  not_needed: null,
  passed: null,
  never: { code: 'trunk_untested', message: 'A real trunk is armed after a test call that passed: make one first.' },
  changed: {
    code: 'trunk_changed_since_test',
    message: 'The settings of this trunk have changed since its last test call: make another one.',
  },
  expired: {
    code: 'trunk_test_expired',
    message: `The last test call that passed is older than ${PROOF_DAYS} days: make another one.`,
  },
};

/** Why a trunk of this proof may not be armed, or null. */
export function faultOfArming(proof: TrunkProof): Fault | null {
  const fault = UNPROVEN[proof];
  return fault && { ...fault, field: 'name' };
}

/**
 * Why a number may not be called to test a trunk, or null. `number`: null where no numbering plan knows it (emergency and short
 * numbers among them); the gate's kinds that are never called are refused here too, and a debtor's number has the gate for its only way.
 */
export function faultOfTestNumber(number: { type: NumberType } | null, ofDebtor: boolean): Fault | null {
  const field = 'number';
  if (number === null || number.type === 'unknown') {
    return {
      code: 'test_number_invalid',
      field,
      message: 'No numbering plan has this number (emergency and short numbers are never called): enter a telephone of your own.',
    };
  }
  if (isNeverCalled(number.type)) {
    const message =
      'Numbers of this kind are never called (premium, shared cost, satellite, short): enter an ordinary telephone.';
    return { code: 'test_number_never_called', field, message };
  }
  if (ofDebtor) {
    const message = 'This is the number of a debtor, who is called in a campaign only: enter a telephone of your own.';
    return { code: 'test_number_of_debtor', field, message };
  }
  return null;
}

/** Lines and new calls a second, of a trunk or of a part of it. */
export interface LineShare {
  channels: number;
  callsPerSecond: number;
}

/**
 * A floor's part of a trunk beside what others have of it now. Floors that want to dial share it evenly, lines that are left over going to
 * those named first; who wants nothing leaves the lines to them, and has one while there is one. Nobody gets what another still has: it comes with the
 * next time of asking, once the other has given it up. Whoever is alone has all of it.
 */
export function shareOf(
  trunk: LineShare,
  asking: { floorId: string; wants: boolean },
  others: readonly (LineShare & { floorId: string; wants: boolean })[],
): LineShare {
  if (others.length === 0) return { channels: trunk.channels, callsPerSecond: trunk.callsPerSecond };
  const sum = (of: (other: LineShare) => number): number => others.reduce((total, other) => total + of(other), 0);
  const left = {
    channels: Math.max(0, trunk.channels - sum((other) => other.channels)),
    callsPerSecond: Math.max(0, trunk.callsPerSecond - sum((other) => other.callsPerSecond)),
  };
  if (!asking.wants) return { channels: Math.min(1, left.channels), callsPerSecond: Math.min(1, left.callsPerSecond) };
  const rivals = others.filter((other) => other.wants);
  const dialing = rivals.length + 1;
  const before = rivals.filter((other) => other.floorId < asking.floorId).length;
  const due = Math.floor(trunk.channels / dialing) + (before < trunk.channels % dialing ? 1 : 0);
  return {
    channels: Math.min(due, left.channels),
    callsPerSecond: Math.min(trunk.callsPerSecond / dialing, left.callsPerSecond),
  };
}
