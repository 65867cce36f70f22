/** What will become of a call, drawn when it is dialed. */
import type { CallEndCause, Ms } from '../interface.ts';
import type { Chance } from './random.ts';
import type { Scenario } from './scenario.ts';

/** Durations in ms from one step of the call to the next; null where the call does not get that far. */
export interface Fate {
  /** From dial to ringing; null: never rings. */
  ringMs: Ms | null;
  /** From ringing to the answer. */
  answerMs: Ms | null;
  /** From the answer to the verdict; 0 without AMD. */
  verdictMs: Ms;
  /** From its last step to its end, where no agent is wanted. */
  endMs: Ms;
  cause: CallEndCause;
  /** A person, whatever AMD thinks. */
  person: boolean;
  wantsAgent: boolean;
  /** Detection could not tell: the time to connect is all but up. */
  undecided: boolean;
}

/** Draws a call's fate on a floor where a dial reaches a person with this chance. */
export function drawFate(floor: Scenario, answerProbability: number, chance: Chance): Fate {
  const { measured } = floor;
  const ringMs = ms(
    measured?.postDialS ? chance.measured(measured.postDialS) : Math.min(4, Math.max(1, chance.logNormal(2, 0.35))),
  );
  const others = floor.machineShare + floor.busyShare + floor.failShare;
  // Where people answer more often than the other outcomes leave room for, those shrink alike.
  const fit = others > 0 ? Math.min(1, (1 - answerProbability) / others) : 0;
  const lot = chance.uniform();
  const machineUpTo = answerProbability + floor.machineShare * fit;
  const busyUpTo = machineUpTo + floor.busyShare * fit;
  const failUpTo = busyUpTo + floor.failShare * fit;
  if (lot < answerProbability) return answered(floor, chance, ringMs, personRings(floor, chance), true);
  if (lot < machineUpTo) return answered(floor, chance, ringMs, machineRings(floor, chance), false);
  if (lot < failUpTo && measured?.refusedS) {
    return unanswered(null, ms(chance.measured(measured.refusedS)), lot < busyUpTo ? 'busy' : 'failed');
  }
  if (lot < busyUpTo) return unanswered(null, ringMs + ms(chance.between(0.1, 0.6)), 'busy');
  if (lot < failUpTo) return unanswered(null, ms(chance.between(0.2, 1)), 'failed');
  return unanswered(ringMs, ms(floor.ringTimeoutS), 'no_answer');
}

function answered(floor: Scenario, chance: Chance, ringMs: Ms, answerS: number, person: boolean): Fate {
  if (answerS >= floor.ringTimeoutS) return unanswered(ringMs, ms(floor.ringTimeoutS), 'no_answer');
  const mistaken = chance.uniform() < (person ? floor.amdFalseMachine : floor.amdFalseHuman);
  const known = person ? floor.measured?.screeningS : floor.measured?.machineScreeningS;
  const screenedS = known ? chance.measured(known) : chance.between(person ? 1.5 : 2, 4);
  return {
    ringMs,
    answerMs: ms(answerS),
    verdictMs: floor.amd ? ms(screenedS) : 0,
    endMs: 0,
    cause: 'machine',
    person,
    wantsAgent: !floor.amd || person !== mistaken,
    undecided: floor.amd && floor.undecidedShare > 0 && chance.uniform() < floor.undecidedShare,
  };
}

function unanswered(ringMs: Ms | null, endMs: Ms, cause: CallEndCause): Fate {
  return { ringMs, answerMs: null, verdictMs: 0, endMs, cause, person: false, wantsAgent: false, undecided: false };
}

function personRings(floor: Scenario, chance: Chance): number {
  if (floor.measured?.ringS) return chance.measured(floor.measured.ringS);
  const { kind, a, b } = floor.ringing;
  return kind === 'weibull' ? chance.weibull(a, b) : chance.logNormal(a, b);
}

/** Voicemail of a phone that is off answers at once; other machines wait for the person first. */
function machineRings(floor: Scenario, chance: Chance): number {
  if (floor.measured?.machineRingS) return chance.measured(floor.measured.machineRingS);
  return chance.uniform() < 0.4 ? chance.between(0.3, 4) : chance.between(14, 23);
}

/** How long a call that an agent takes keeps them, in ms. */
export function drawTalkMs(floor: Scenario, person: boolean, chance: Chance): Ms {
  if (!person) return ms(chance.between(...floor.machineTalkS));
  if (floor.measured?.talkS) return Math.max(500, ms(chance.measured(floor.measured.talkS)));
  const { medianS, sigma } = chance.uniform() < floor.refusalShare ? floor.refusal : floor.conversation;
  return Math.max(500, ms(chance.logNormal(medianS, sigma)));
}

/** How long a wrap-up takes, in ms. */
export function drawWrapMs(floor: Scenario, chance: Chance): Ms {
  if (floor.measured?.wrapS) return ms(chance.measured(floor.measured.wrapS));
  return ms(chance.gamma(floor.wrap.shape, floor.wrap.meanS));
}

function ms(seconds: number): Ms {
  return Math.round(seconds * 1_000);
}
