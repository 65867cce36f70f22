/**
 * Answering-machine detection: the figures its configuration and the originate share.
 *
 * AMD says `HUMAN` once the person has been silent for `afterGreetingSilenceMs`, so that much of the limit to connect is
 * spent when the verdict comes.
 */
import type { Screening, ScreeningVerdict } from './port.ts';

export const AMD_FIGURES = {
  totalAnalysisMs: 5_000,
  longestInitialSilenceMs: 2_500,
  afterGreetingSilenceMs: 600,
  /** The longest a leg may stay in detection before the message is said, whatever detection does. */
  guardMs: 8_000,
  /** A machine's greeting is over after this much silence, waited for at most `machineWaitMs`. */
  machineSilenceMs: 1_500,
  machineWaitMs: 30_000,
} as const;

/** Somebody who says nothing has not told when the limit begins, so it runs from the answer: what is left of it when they are given up on. */
const LEFT_AFTER_SILENCE_MS = 500;
const SHORTEST_SILENCE_MS = 300;

/** Below this a deadline would fire before the verdict has crossed the wire. */
export const SHORTEST_DEADLINE_MS = 100;

/** How long after the verdict (screened) or the answer (not screened) the dialplan says the message, in milliseconds. */
export function deadlineMs(connectWithinMs: number, screening: boolean): number {
  const spentMs = screening ? AMD_FIGURES.afterGreetingSilenceMs : 0;
  return Math.max(SHORTEST_DEADLINE_MS, Math.round(connectWithinMs - spentMs));
}

/** For how long detection listens to somebody who says nothing, in milliseconds: an agent must still be able to come in time. */
export function initialSilenceMs(connectWithinMs: number): number {
  const most = Math.round(connectWithinMs - LEFT_AFTER_SILENCE_MS);
  return Math.min(AMD_FIGURES.longestInitialSilenceMs, Math.max(SHORTEST_SILENCE_MS, most));
}

/**
 * What AMDSTATUS and AMDCAUSE mean. Only a greeting too long or of too many words is a machine: somebody who says nothing
 * (`MACHINE/INITIALSILENCE`), hangs up or leaves detection undecided is treated as a person.
 */
export function readScreening(status: string, cause: string): Screening {
  return { verdict: verdictOf(status, cause), status, cause };
}

/** When detection gave its verdict, as the dialplan noted it for the record and for us; nothing where it did not. */
export function verdictStamp(milliseconds: string | undefined): { stampMs?: number } {
  return milliseconds !== undefined && /^\d{13}$/.test(milliseconds) ? { stampMs: Number(milliseconds) } : {};
}

function verdictOf(status: string, cause: string): ScreeningVerdict {
  if (status === 'HUMAN') return 'human';
  if (status === 'MACHINE' && !cause.startsWith('INITIALSILENCE')) return 'machine';
  return 'uncertain';
}
