import type { Reason } from '../compliance/gate.ts';
import type { CheckJudgement, CheckReason, ContactCheck } from '../contract/contact-check.ts';
import type { CheckedContact, JudgedNumber, PersonJudgement } from './check.ts';

/** A contact that was looked at, as it crosses the wire: moments in ISO form, UTC. */
export function answerOf({ at, people }: CheckedContact): ContactCheck {
  return {
    at: at.toString(),
    people: people.map(({ judgements, notRestored, ...person }) => ({
      ...person,
      judgements: judgements.map(judgementOf),
      notRestored: [...notRestored],
    })),
  };
}

/** Whether one of the numbers may be called, and the earliest moment at which one may. */
export function mayCall({ nothing, chosen }: PersonJudgement): boolean {
  return nothing === null && chosen?.verdict.verdict === 'allow';
}

function judgementOf(judgement: PersonJudgement): CheckJudgement {
  const { campaign, nothing, numbers, chosen, queue } = judgement;
  return {
    campaign,
    nothing,
    answer: {
      mayCall: mayCall(judgement),
      phoneId: chosen?.phone.id ?? null,
      retryAt: nothing === null ? (chosen?.verdict.retryAt?.toString() ?? null) : null,
    },
    numbers: numbers.map(numberOf),
    packs: { ...chosen?.verdict.packVersions },
    queue: queue === null ? null : { ...queue, notBefore: queue.notBefore?.toString() ?? null },
  };
}

function numberOf({ phone, verdict }: JudgedNumber): CheckJudgement['numbers'][number] {
  return {
    phoneId: phone.id,
    number: phone.e164,
    type: phone.type,
    verdict: verdict.verdict,
    reasons: verdict.reasons.map(reasonOf),
    overridden: verdict.overridden.map(reasonOf),
    binding: verdict.binding?.id ?? null,
    retryAt: verdict.retryAt?.toString() ?? null,
    closesAt: verdict.closesAt?.toString() ?? null,
    recordedSound: verdict.recordedSound,
  };
}

function reasonOf({ retryAt, ...reason }: Reason): CheckReason {
  return { ...reason, retryAt: retryAt?.toString() ?? null };
}
