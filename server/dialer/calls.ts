import { deadlineOf, judgeAnswer, STAMP_TOLERANCE_MS } from '../compliance/ledger/rules.ts';
import { readDebtorFiles } from '../debtors/file.ts';
import type { PacingEvent } from '../pacing/index.ts';
import { recordOutcome } from '../queue/outcome.ts';
import { classifyEnd } from '../telephony/causes.ts';
import type { LegEvent, Screening } from '../telephony/port.ts';
import { AMD_FIGURES, SHORTEST_DEADLINE_MS } from '../telephony/screening.ts';
import { learnGuidance } from './dossier.ts';
import { changed, clearCall, endSegment, move } from './desks.ts';
import { tellPacer, type Call, type Floor } from './floor.ts';
import type { Unnumbered } from './pacer.ts';
import { answeredCall, countNow, decided } from './ledger.ts';
import { endByRecord } from './reconcile.ts';
import { played, stopRescueTimer } from './rescue.ts';
import { advance, endingOf, trunkSays, type CallState, type Ending } from './rules.ts';
import { bridged, leaveLine, wantsAgent, withdraw } from './serve.ts';
import { noteEnd, noteProgress } from './store.ts';
import { renewSound } from './stations.ts';
import { startWrapUp } from './wrap-up.ts';

/** Moves a call on; late and duplicate news are dropped and counted. */
function step(floor: Floor, call: Call, to: CallState): boolean {
  const state = advance(call.state, to);
  if (state === null) {
    floor.dropped.late += 1;
    return false;
  }
  call.state = state;
  return true;
}

/** News of a debtor's leg. The order is the switch's; a state may be skipped, nothing goes back. */
export function debtorNews(floor: Floor, call: Call, event: LegEvent): void {
  switch (event.type) {
    case 'leg.ringing':
      if (!step(floor, call, 'ringing')) return;
      call.stamps.ringing = event.stampMs;
      floor.trunks.get(call.trunk)?.served();
      tellPacer(floor, call.campaignId, { type: 'call.ringing', call: call.pacingId });
      prefetch(floor, [call]);
      return;
    case 'leg.answered':
      if (!step(floor, call, 'answered')) return;
      call.stamps.answered = event.stampMs;
      floor.trunks.get(call.trunk)?.served();
      tellPacer(floor, call.campaignId, { type: 'call.answered', call: call.pacingId });
      prefetch(floor, [call]);
      return;
    case 'leg.entered':
      if (event.screening?.verdict === 'machine') machineAnswered(floor, call, event.screening, event.stampMs);
      else humanAnswered(floor, call, event.screening, event.stampMs);
      return;
    case 'leg.joined':
      bridged(floor, call, event.bridgeId, event.stampMs);
      return;
    case 'leg.left':
      leftUs(floor, call, event.stampMs);
      return;
    case 'leg.played':
      played(floor, call, event.playbackId);
      return;
    case 'leg.opted_out':
      call.optedOutMs = event.stampMs;
      return;
    case 'leg.parted':
    case 'leg.digit':
      return;
    case 'leg.ended':
      debtorEnded(floor, call, event);
      return;
  }
}

/** Reads debtors' files while their telephones are being called, so that they are there when the voices meet. */
export function prefetch(floor: Floor, calls: readonly Call[]): void {
  const wanted = calls.filter((call) => call.file === null && !call.fileAsked);
  if (wanted.length === 0) return;
  for (const call of wanted) {
    call.fileAsked = true;
    learnGuidance(floor, call);
  }
  readDebtorFiles(
    floor.database,
    wanted.flatMap((call) => call.partyId ?? []),
  )
    .then((files) => {
      for (const call of wanted) {
        call.file = files.get(call.partyId ?? '') ?? null;
        // Late: the agent is already talking, so the console gets it now.
        if (call.desk?.call === call && call.state !== 'ended') changed(floor, call.desk);
      }
    })
    .catch((error: unknown) => {
      for (const call of wanted) call.fileAsked = false;
      floor.log.warn({ err: error, calls: wanted.length }, 'debtor files could not be read ahead');
    });
}

function humanAnswered(floor: Floor, call: Call, screening: Screening | null, stampMs: number): void {
  call.stamps.answered ??= stampMs;
  call.screening = screening;
  call.deadlineMs = deadlineFrom(call, stampMs);
  prefetch(floor, [call]);
  if (step(floor, call, 'waiting')) wantsAgent(floor, call, stampMs);
}

/** How long after its verdict or answer a call may wait, as the dialplan reckons: at least as long as a timer can be set for. */
function deadlineFrom(call: Call, stampMs: number): number {
  const { rule, screening, stamps } = call;
  const seen = screening === null ? null : { ...screening, atMs: stampMs };
  return Math.max(SHORTEST_DEADLINE_MS, deadlineOf({ rule, answeredMs: stamps.answered ?? stampMs, screening: seen }) - stampMs);
}

/** A machine: the dialplan deals with it; here it only leaves the count of calls that may want an agent. */
function machineAnswered(floor: Floor, call: Call, screening: Screening, stampMs: number): void {
  if (call.screening !== null || !step(floor, call, 'screening')) return;
  call.stamps.answered ??= stampMs;
  call.screening = screening;
  releasePacer(floor, call, { type: 'call.ended', call: call.pacingId, cause: 'machine' });
  noteProgress(floor, call);
}

/** The leg has left our hands: at its deadline for the message, or because the caller hung up. The stamps tell which. */
function leftUs(floor: Floor, call: Call, stampMs: number): void {
  leaveLine(floor, call);
  if (call.state !== 'waiting') return;
  const waitedMs = stampMs - (call.stamps.waiting ?? stampMs);
  if (call.messageDue || waitedMs >= call.deadlineMs - STAMP_TOLERANCE_MS) {
    call.messageDue = true;
    if (call.recordedSound) call.stamps.message = stampMs;
    countNow(floor, call);
    releasePacer(floor, call, { type: 'call.abandoned', call: call.pacingId, legal: true });
  }
  if (call.desk) withdraw(floor, call, call.desk);
}

/** The debtor's leg is gone: the call has ended, and what it came to is written. */
export function debtorEnded(floor: Floor, call: Call, end: { cause: number; techCause: string | null; stampMs: number }): void {
  if ((call.unseen || heardMessageUnseen(call, end.stampMs)) && call.state !== 'connected') {
    endByRecord(floor, call, { heard: end }).catch((error: unknown) => {
      // The sweep tries again.
      floor.log.error({ err: error, attemptId: call.attemptId }, 'end of a call could not be looked up');
    });
    return;
  }
  finish(floor, call, endingNow(call, end), end);
}

/**
 * Answered, never brought to us, and there for as long as the dialplan guards detection: it has said the message by itself, or cut the call.
 * Nothing told us; the switch's record knows.
 */
function heardMessageUnseen({ state, stamps, rule }: Call, endedMs: number): boolean {
  if (state !== 'answered' || stamps.answered === undefined) return false;
  const guardMs = rule.clockStart === 'greeting_end' ? AMD_FIGURES.guardMs : rule.connectWithinMs;
  return endedMs - stamps.answered >= guardMs - STAMP_TOLERANCE_MS;
}

/** What a call has come to whose leg is gone, by all that is known of it now. */
export function endingNow(
  call: Call,
  end: { cause: number; techCause: string | null; stampMs: number; unseen?: boolean },
): Ending {
  const answered = answeredCall(call, end);
  const { cause, techCause } = end;
  const { state, recordedSound, hungUpByUs, calledOff } = call;
  return endingOf({
    state,
    judged: answered && judgeAnswer(answered).cause,
    recordedSound,
    apologised: call.place === 'apology',
    hungUpByUs,
    calledOff,
    endClass: classifyEnd({ cause, techCause, answered: answered !== null, hungUpByUs }),
  });
}

/** Ends a call in memory, in the pacer's eyes, on the agent's desk and in the database. Once; a second end is late news. */
export function finish(
  floor: Floor,
  call: Call,
  ending: Ending,
  end: { cause: number | null; techCause: string | null; stampMs: number; unseen?: boolean },
): void {
  if (!step(floor, call, 'ended')) return;
  leaveLine(floor, call);
  stopRescueTimer(call);
  floor.calls.delete(call.attemptId);
  floor.trunks.get(call.trunk)?.give(trunkSays(ending));
  tellPacerOfEnd(floor, call, ending);
  const answered = answeredCall(call, end);
  if (answered) decided(floor, call, answered);
  noteEnd(floor, call, ending, end, answered);
  endSegment(floor, call, end.stampMs);
  if (ending.ending === 'cut_without_message') raiseIncident(floor, call, end.stampMs);
  deskAfterCall(floor, call, ending.result === 'connected');
}

/** What the end of a call does to the desk that has it: the form after a talk, or the agent's place in line. */
export function deskAfterCall(floor: Floor, call: Call, talked: boolean): void {
  const { desk } = call;
  if (talked && desk?.work.state !== 'talking') recordLostAgent(floor, call);
  if (!desk) return;
  if (desk.work.state === 'offered') {
    withdraw(floor, call, desk);
    return;
  }
  if (desk.busyFor !== null) tellPacer(floor, desk.busyFor, { type: 'agent.wrap', agent: desk.pacingId });
  renewSound(floor, desk);
  if (move(floor, desk, { type: 'call_ended' })) startWrapUp(floor, desk);
  else clearCall(desk);
  changed(floor, desk);
}

/** Somebody answered and heard nothing at all: an incident, which somebody must look at. */
function raiseIncident(floor: Floor, call: Call, stampMs: number): void {
  const { attemptId, campaignId, keptAgentId } = call;
  floor.log.error({ attemptId, campaignId }, 'a call was cut without a message: no agent was left for it');
  floor.journal.event({
    kind: 'incident.cut_without_message',
    subject: 'attempt',
    subjectId: attemptId,
    actor: 'dialer',
    at: Temporal.Instant.fromEpochMilliseconds(Math.round(stampMs)),
    body: { campaignId, keptAgentId },
  });
}

/** The agent who talked is gone and nobody has the form of this call: its outcome is the system's. */
function recordLostAgent(floor: Floor, call: Call): void {
  const { attemptId, lastAgentId } = call;
  if (lastAgentId === null || call.partyId === null) return;
  floor.writer.later(attemptId, 'outcome of the system', async (database) => {
    await recordOutcome(database, { attemptId, agentId: lastAgentId, outcome: { code: 'agent_lost' }, note: '' });
  });
}

function tellPacerOfEnd(floor: Floor, call: Call, ending: Ending): void {
  if (ending.result === 'abandoned') {
    releasePacer(floor, call, { type: 'call.abandoned', call: call.pacingId, legal: true });
    return;
  }
  const causes = {
    busy: 'busy',
    failed: 'failed',
    lost: 'lost',
    no_answer: 'no_answer',
    connected: 'caller_hangup',
    screened: 'machine',
    cancelled: ending.ending === 'caller_hangup' ? 'caller_hangup' : 'cancelled',
  } as const;
  releasePacer(floor, call, { type: 'call.ended', call: call.pacingId, cause: causes[ending.result] });
}

/**
 * Tells the pacer once how a call that never reached an agent left its hands: at the verdict or the deadline, else at the end. When that
 * was of a call that was out of sight is not known: it teaches the pacer nothing, and the ledger's count is told in its time.
 */
function releasePacer(
  floor: Floor,
  call: Call,
  event: Extract<Unnumbered<PacingEvent>, { type: 'call.ended' | 'call.abandoned' }>,
): void {
  if (call.toldPacer) return;
  call.toldPacer = true;
  tellPacer(floor, call.campaignId, call.unseen ? { type: 'call.ended', call: call.pacingId, cause: 'lost' } : event);
}
