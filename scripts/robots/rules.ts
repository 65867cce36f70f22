import type { Desk, DeskCall, DeskCommand } from '../../server/contract/desk.ts';
import type { Outcome, OutcomeCode } from '../../server/contract/outcomes.ts';
import { between, pick } from './chance.ts';

/** How a robot agent behaves; times in milliseconds, [least, most]. */
export interface Habits {
  /** Share (0–1) of calls that the robot ends itself after `talkMs`; the others end when the debtor hangs up. */
  hangUpShare: number;
  talkMs: readonly [number, number];
  wrapUpMs: readonly [number, number];
  /** Weights of the outcomes it records. */
  outcomes: readonly (readonly [OutcomeCode, number])[];
  /** Whether a machine answers this number, where robots do not listen: they hang up soon and say so. */
  isMachine?: (number: string) => boolean;
}

/** How long a robot listens to a machine. */
const MACHINE_TALK_MS = [3_000, 6_000] as const;

/** A mix that shows every kind of effect, and mostly what keeps a debtor callable. */
export const DEMO_HABITS: Habits = {
  hangUpShare: 0.4,
  talkMs: [4_000, 12_000],
  wrapUpMs: [1_500, 5_000],
  outcomes: [
    ['promise', 30],
    ['refused', 14],
    ['no_contact', 18],
    ['callback', 12],
    ['paid', 8],
    ['answering_machine', 6],
    ['wrong_person', 4],
    ['dispute', 4],
    ['hardship', 2],
    ['do_not_call', 1],
    ['deceased', 1],
  ],
};

/** What a robot means to do with one call, decided when the call reaches it. Moments are monotonic ms. */
export interface Plan {
  attemptId: string;
  hangUpAtMs: number | null;
  outcomeCode: OutcomeCode;
  wrapUpMs: number;
  /** Set when the wrap-up begins. */
  disposeAtMs: number | null;
}

/** Decides how a call to this number will go before it goes, so that a seed decides all of it. */
export function planCall(attemptId: string, habits: Habits, random: () => number, nowMs: number, number = ''): Plan {
  const isMachine = habits.isMachine?.(number) ?? false;
  const hangsUp = random() < habits.hangUpShare || isMachine;
  const talkMs = between(random, isMachine ? MACHINE_TALK_MS : habits.talkMs);
  return {
    attemptId,
    hangUpAtMs: hangsUp ? nowMs + talkMs : null,
    outcomeCode: isMachine ? 'answering_machine' : pick(random, habits.outcomes),
    wrapUpMs: between(random, habits.wrapUpMs),
    disposeAtMs: null,
  };
}

export type Step = { do: DeskCommand } | { waitMs: number | null };

/** What a robot does now with its desk as it stands: one command, or nothing for `waitMs` (null: until the desk changes). */
export function nextStep(
  desk: Desk,
  plan: Plan | null,
  options: { campaignId: string | null; leaving: boolean; nowMs: number; now: Temporal.Instant },
): Step {
  const { campaignId, leaving, nowMs } = options;
  switch (desk.state) {
    case 'offline':
      return leaving ? { waitMs: null } : { do: { type: 'log_in', campaignId } };
    case 'connecting':
    case 'offered':
      return { waitMs: null };
    case 'paused':
      if (leaving) return { do: { type: 'log_out' } };
      return { do: desk.legUp ? { type: 'ready' } : { type: 'reattach' } };
    case 'ready':
      return leaving && !desk.logOutAfterCall ? { do: { type: 'log_out' } } : { waitMs: null };
    case 'talking': {
      if (leaving && !desk.logOutAfterCall) return { do: { type: 'log_out' } };
      const dueMs = plan?.hangUpAtMs ?? null;
      if (dueMs === null || desk.call?.phase !== 'talking') return { waitMs: null };
      return dueMs <= nowMs ? { do: { type: 'hang_up' } } : { waitMs: dueMs - nowMs };
    }
    case 'wrap_up': {
      if (plan === null || desk.call === null) return { waitMs: null };
      const dueMs = leaving ? nowMs : (plan.disposeAtMs ?? nowMs);
      if (dueMs > nowMs) return { waitMs: dueMs - nowMs };
      const outcome = outcomeFor(plan.outcomeCode, desk.call, options.now);
      return { do: { type: 'dispose', attemptId: plan.attemptId, outcome, note: '', next: leaving ? 'pause' : 'ready' } };
    }
  }
}

/** The planned outcome with its fields taken from the debtor's file; `no_contact` where the file has no debt to speak of. */
export function outcomeFor(code: OutcomeCode, call: Pick<DeskCall, 'file' | 'inbound'>, now: Temporal.Instant): Outcome {
  // Robots ask nobody who they are.
  if (call.inbound !== null && call.inbound.caller !== 'confirmed') return { code: 'no_contact' };
  const today = now.toZonedDateTimeISO(call.file?.timeZones[0] ?? 'UTC').toPlainDate();
  const debt = call.file?.debts.find((candidate) => candidate.state === 'open') ?? null;
  switch (code) {
    case 'promise': {
      const tenth = BigInt(debt?.balanceMinor ?? '0') / 10n;
      if (debt === null || tenth < 1n) return { code: 'no_contact' };
      return {
        code,
        debtId: debt.id,
        amountMinor: String(tenth),
        currency: debt.currency,
        dueOn: today.add({ days: 7 }).toString(),
      };
    }
    case 'paid':
      return debt === null ? { code: 'no_contact' } : { code, debtId: debt.id, paidOn: today.subtract({ days: 1 }).toString() };
    case 'dispute':
      return debt === null ? { code: 'no_contact' } : { code, debtId: debt.id, reason: 'robot' };
    case 'callback':
      return { code, at: now.add({ hours: 26 }).toString({ smallestUnit: 'second' }), mine: false };
    case 'do_not_call':
      return { code, scope: 'number' };
    case 'hardship':
      return { code, until: today.add({ days: 30 }).toString() };
    case 'restriction':
      return { code, kind: 'cease', atWork: false };
    case 'refused':
    case 'wrong_person':
    case 'no_contact':
    case 'answering_machine':
    case 'deceased':
      return { code };
  }
}
