import type { Redis } from 'ioredis';
import type { AgentProfile } from '../agents/store.ts';
import type { AgentWork } from '../agents/rules.ts';
import { answerRuleOf } from '../compliance/ledger/rules.ts';
import { DEFAULT_CAMPAIGN_SETTINGS, type CampaignSettings, type CampaignState } from '../contract/campaigns.ts';
import type { DebtorFile } from '../contract/desk.ts';
import type { Guidance } from '../contract/guidance.ts';
import type { CallerCandidate, DeskInbound, InboundResult } from '../contract/inbound.ts';
import type { OutcomeEffect } from '../contract/outcomes.ts';
import type { Why } from '../contract/wallboard.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Database } from '../kernel/database.ts';
import type { Logger } from '../kernel/log.ts';
import type { PacingEvent } from '../pacing/index.ts';
import type { HourModel } from '../scoring/hours.ts';
import type { Caller, Screening, Switch } from '../telephony/port.ts';
import type { SoundLanguage } from '../telephony/sounds.ts';
import type { AnswerRule } from '../contract/abandonment.ts';
import type { AnsweredCall } from '../compliance/ledger/rules.ts';
import type { LedgerCount } from './ledger.ts';
import type { Ahead } from './ahead.ts';
import type { Journal } from './journal.ts';
import type { Lease } from './lease.ts';
import type { FloorPacer, Unnumbered } from './pacer.ts';
import type { CallState } from './rules.ts';
import type { Teller } from './teller.ts';
import type { TrunkGate } from './trunk.ts';
import type { Writer } from './writer.ts';

/** One call, from the reservation (or, inbound, from its arrival) to its end. Stamps are the switch node's, in ms since the epoch. */
export interface Call {
  readonly attemptId: string;
  /** The switch's name of the debtor's leg: the attempt's, where we called. */
  readonly legId: string;
  /** What only a call has that came in; null: we called. */
  readonly inbound: InboundSide | null;
  /** A caller's is chosen once it is known who may be calling. */
  campaignId: string;
  /** Null while nobody has said who is calling. */
  partyId: string | null;
  phoneId: string | null;
  /** Empty where an inbound call told none. */
  readonly number: string;
  /** The debtor's language where it is known. */
  language: string | null;
  /** Whether a recorded voice may be played to this number; without it the call is cut where others hear the message. */
  readonly recordedSound: boolean;
  /** The agent who promised this call, or who is kept for it because nothing else may be heard. */
  keptAgentId: string | null;
  /** The pacer knows calls and agents by small integers. */
  readonly pacingId: number;
  state: CallState;
  screening: Screening | null;
  stamps: { ringing?: number; answered?: number; waiting?: number; connected?: number; message?: number };
  /** Where the debtor's voice is: with nobody yet, on its way to an agent's bridge, in it, hearing music, or the last apology. */
  place: 'alone' | 'joining' | 'bridged' | 'held' | 'music' | 'apology';
  desk: Desk | null;
  /** Who spoke with the debtor last: if nobody can wrap the call up any more, its outcome is written in their name. */
  lastAgentId: string | null;
  /** The part of the call that runs now, of one agent. */
  segment: { agentId: string; fromMs: number } | null;
  /** Prefetched at ringing; the bridge never waits for it. */
  file: DebtorFile | null;
  fileAsked: boolean;
  /** What the rules it was judged by ask of the agent; comes with the reservation. Null: of a former dialer's, not read yet. */
  guidance: Guidance | null;
  /** Monotonic ms when the human's verdict reached us. */
  waitingSinceMs: number | null;
  /** The dialplan said, or we asked it to say, the safe-harbour message. */
  messageDue: boolean;
  /** When the key was pressed that puts the number on the do-not-call list, the switch's stamp. */
  optedOutMs: number | null;
  /** Its trunk has told nothing of ringing for so long that the pacer was told it rings. */
  takenForRinging: boolean;
  /** The pacer has been told how this call left its hands. */
  toldPacer: boolean;
  hungUpByUs: boolean;
  /** We hung up before anybody answered, because a hold, a payment or the like came in. */
  calledOff: boolean;
  /** The switch was out of sight during this call: its end is looked up in the switch's record. */
  unseen: boolean;
  /** One sweep did not find its leg. */
  missed: boolean;
  readonly trunk: string;
  /** What its answer is held against: the campaign's rule when it was dialed. */
  readonly rule: AnswerRule;
  /** How long after it comes to us a person may wait until the dialplan says the message. */
  deadlineMs: number;
  /** Why nobody came, where there is more to say than that nobody was free. */
  trouble: AnsweredCall['trouble'];
  /** Monotonic ms. */
  readonly dialedAtMs: number;
  readonly ringTimeoutMs: number;
  /** Runs while the agent's leg is being called back. */
  rescue: NodeJS.Timeout | null;
}

/** What an inbound call has beside every call. */
export interface InboundSide {
  /** E.164: the number called. */
  readonly called: string;
  /** The switch's stamp of its arrival, and monotonic ms. */
  readonly enteredMs: number;
  readonly enteredAtMs: number;
  /** Who may be calling, the likeliest first. */
  candidates: readonly CallerCandidate[];
  /** Whom the agent has looked for, since their number tells nothing. */
  found: readonly CallerCandidate[];
  searches: number;
  /** Who spoke with them last, if any. */
  lastAgentId: string | null;
  /** What an agent has said of who is calling. */
  caller: DeskInbound['caller'];
  /** Where the caller is: in the line, with an agent (or on the way there), or served by the dialplan. */
  stage: 'arriving' | 'line' | 'agent' | 'dialplan';
  /** They have been told that all are busy. */
  greeted: boolean;
  /** They have been told which keys they may press. */
  offered: boolean;
  /** What is being said to them now. */
  playbackId: string | null;
  /** What was said to them last, over or not. */
  lastPlaybackId: string | null;
  /** What the call will have come to if nobody talks with them. */
  result: Exclude<InboundResult, 'talked'>;
  /** When something is said to them next, in the line. */
  next: NodeJS.Timeout | null;
}

/** One agent at their desk: the work, the station's leg in its standing bridge, and the call on it. */
export interface Desk {
  readonly agentId: string;
  profile: AgentProfile;
  readonly pacingId: number;
  work: AgentWork;
  seq: number;
  campaignId: string | null;
  legId: string | null;
  legUp: boolean;
  /** When the station was called last, monotonic ms. */
  legSinceMs: number;
  /** One sweep did not find the leg. */
  legMissed: boolean;
  bridgeId: string | null;
  /** Unanswered tries in a row to call the station back. */
  legTries: number;
  echoLegId: string | null;
  call: Call | null;
  /** The desk's `seq` at which the present call came to it; what a console asked before that means another call. */
  callSeq: number;
  muted: boolean;
  wrapUpEndsAtMs: number | null;
  wrapUpTimer: NodeJS.Timeout | null;
  lastEffect: OutcomeEffect | null;
  /** An outcome is on its way to the database. */
  saving: boolean;
  /** Monotonic ms of the console's last acknowledgement. */
  heardAtMs: number;
  /** The campaign whose pacer counts this agent as available, if any. */
  inLineFor: string | null;
  /** The campaign whose pacer counts this agent as talking or wrapping up, if any. */
  busyFor: string | null;
  /** What its pacer was last told of the agent's plans. */
  announced: 'stay' | 'break' | 'logout';
  /** Its pacer was told that this agent is kept for one call. */
  reserved: boolean;
}

/** A campaign as the dialer runs it. */
export interface Campaign {
  readonly id: string;
  version: number;
  name: string;
  state: CampaignState;
  demo: boolean;
  settings: CampaignSettings;
  pacer: FloorPacer;
  /** What it is owed of its trunk; see `share.ts`. */
  turn: number;
  /** A launch is under way: the pacer is asked again when it is done. */
  launching: boolean;
  /** After a reservation found nobody, monotonic ms until which it is not asked again. */
  dryUntilMs: number;
  /** It found nobody with whom those who were able could speak: whoever becomes able may speak another language. */
  lacksSpeakers: boolean;
  /** What the agents on duty spoke at the last reservation; null: whatever there is. */
  spoken: Set<string> | null;
  /** The last reservation failed because the database was away. */
  databaseLost: boolean;
  why: Why;
  /** What its answered calls are held against: its settings, tightened by the law. */
  rule: AnswerRule;
  /** When today's calling ends, ms since the epoch; null: it has, or never does. */
  closesAtMs: number | null;
  startedAt: Temporal.Instant;
  /** Its own recordings of the safe-harbour message, by language: the switch's names of their sounds. */
  messages: ReadonlyMap<SoundLanguage, string>;
  count: LedgerCount;
  /** What is known of those who come next; null where nothing is. */
  ahead: Ahead | null;
  /** Calls answered by a human and waiting for an agent, first come first served. */
  line: Call[];
  /** Callers who wait for an agent: they hear music, and those whom we have called go first. */
  inboundLine: Call[];
  /** The pacer was told that agents are kept for callers. */
  reserves: boolean;
}

/** A test call of a trunk that is under way; it belongs to no campaign. */
export interface TestLeg {
  readonly legId: string;
  /** The gate that holds a line for it; null before it was sent. */
  trunk: TrunkGate | null;
  answered: boolean;
  /** The first key that came back. */
  key: string | null;
  /** Ends a test of which nothing is heard any more. */
  limit: NodeJS.Timeout | null;
}

/** Everything one dialer holds of its floor. It is the owner of all these; Postgres is written behind. */
export interface Floor {
  readonly floorId: string;
  readonly lease: Lease;
  readonly telephone: Switch;
  readonly database: Database;
  readonly redis: Redis;
  readonly clock: Clock;
  readonly log: Logger;
  readonly writer: Writer;
  readonly journal: Journal;
  readonly stationKey: string;
  readonly trunks: Map<string, TrunkGate>;
  readonly campaigns: Map<string, Campaign>;
  readonly calls: Map<string, Call>;
  /** Calls that came in, by leg; none of them is among `calls`. */
  readonly inbound: Map<string, Call>;
  /** Attempts that were called off lately: what has not been sent yet is not. */
  calledOff: ReadonlySet<string>;
  readonly desks: Map<string, Desk>;
  /** Whose leg is it? Registered before the originate is sent, since news may come before its reply. */
  readonly agentLegs: Map<string, { desk: Desk; purpose: 'agent' | 'echo' }>;
  /** At which hours people answer, as learnt each night; read at the start and each hour. */
  hours: HourModel | null;
  /** Test calls of trunks, by leg. */
  readonly tests: Map<string, TestLeg>;
  switchUp: boolean;
  /** When somebody was last known to look at the wallboard, monotonic ms. */
  watchedAtMs: number;
  /** Counts losses and recoveries of the switch: a reconciliation begun before the last of them is void. */
  generation: number;
  /** Monotonic ms. */
  readonly startedAtMs: number;
  stopping: boolean;
  /** How far the switch's clock is from ours, in ms; ledger times are its stamps. */
  switchSkewMs: number;
  ticks: number;
  /** Launches under way; a stop waits for them. */
  readonly launches: Set<Promise<void>>;
  nextPacingId: number;
  /** Where what must be kept is kept: uploads, among them campaigns' own messages, voice messages of callers, the record of every pacer. */
  readonly dataDir: string;
  /** For how long the record of every pacer is kept; null keeps none. */
  readonly pacingRecord: { keepDays: number } | null;
  /** Late, duplicate and unknown news, dropped and counted. */
  readonly dropped: { late: number; unknown: number };
  /** Tells every web process. In order; lost when Redis is away, since consoles ask for snapshots when it is back. */
  readonly tell: Teller['tell'];
}

/** Who is called, and by what rules; the rest of a call is the same at every beginning. */
export type CallOrder = Pick<
  Call,
  | 'attemptId'
  | 'campaignId'
  | 'partyId'
  | 'phoneId'
  | 'number'
  | 'language'
  | 'recordedSound'
  | 'keptAgentId'
  | 'guidance'
  | 'trunk'
  | 'ringTimeoutMs'
  | 'rule'
> & { partyId: string; phoneId: string };

/** A call that we place: whose number it is is known. */
export type OutboundCall = Call & { partyId: string; phoneId: string };

/** A call about to be sent, not yet registered. Its place among the pacer's calls is given here. */
export function newCall(floor: Floor, order: CallOrder): OutboundCall {
  floor.nextPacingId += 1;
  return {
    ...order,
    legId: order.attemptId,
    inbound: null,
    pacingId: floor.nextPacingId,
    state: 'dialing',
    screening: null,
    stamps: {},
    place: 'alone',
    desk: null,
    lastAgentId: null,
    segment: null,
    file: null,
    fileAsked: false,
    waitingSinceMs: null,
    messageDue: false,
    optedOutMs: null,
    takenForRinging: false,
    toldPacer: false,
    hungUpByUs: false,
    calledOff: false,
    unseen: false,
    missed: false,
    rescue: null,
    deadlineMs: order.rule.connectWithinMs,
    trouble: null,
    dialedAtMs: floor.clock.monotonicMs(),
  };
}

/** A call that came in, as long as nobody has said who it is. */
export function newInboundCall(
  floor: Floor,
  arrival: { attemptId: string; legId: string; campaignId: string; caller: Caller; enteredMs: number },
): Call {
  const { attemptId, legId, campaignId, caller, enteredMs } = arrival;
  const nowMs = floor.clock.monotonicMs();
  const rule = floor.campaigns.get(campaignId)?.rule ?? RULE_OF_ENDED_CAMPAIGNS;
  const order = { attemptId, campaignId, trunk: caller.trunk, rule, number: caller.number ?? '', partyId: '', phoneId: '' };
  return {
    ...newCall(floor, { ...order, language: null, recordedSound: true, keptAgentId: null, guidance: null, ringTimeoutMs: 0 }),
    legId,
    partyId: null,
    phoneId: null,
    state: 'waiting',
    // Its file is read once it is known whose.
    fileAsked: true,
    inbound: {
      called: caller.called,
      enteredMs,
      enteredAtMs: nowMs - Math.max(0, floorNowMs(floor) + floor.switchSkewMs - enteredMs),
      candidates: [],
      found: [],
      searches: 0,
      lastAgentId: null,
      caller: 'open',
      stage: 'arriving',
      greeted: false,
      offered: false,
      playbackId: null,
      lastPlaybackId: null,
      result: 'hung_up',
      next: null,
    },
  };
}

/** Their rules are no longer kept: a call that outlived its campaign is held against the usual ones. */
export const RULE_OF_ENDED_CAMPAIGNS = answerRuleOf(DEFAULT_CAMPAIGN_SETTINGS, []);

/** Wall-clock milliseconds that never go backwards within this process: the pacer's clock and the log's. */
export function floorNowMs(floor: Floor): number {
  return Math.round(wallAtStartMs + floor.clock.monotonicMs() - monotonicAtStartMs);
}
const wallAtStartMs = Temporal.Now.instant().epochMilliseconds;
const monotonicAtStartMs = performance.now();

/** The link proves itself alive every half second: beyond this, what the switch refuses may be the link's doing. */
const SILENT_MS = 1_500;

/** Whether the switch is in sight and answers now: only then does a refusal say anything about a leg. */
export function switchAnswers(floor: Floor): boolean {
  return floor.switchUp && floor.telephone.silenceMs() < SILENT_MS;
}

/** A stamp as the database and the consoles read it. */
export function iso(stampMs: number): string {
  // A few of these for every change of a desk: Date writes them several times faster than Temporal.
  return new Date(Math.round(stampMs)).toISOString();
}

/** Tells a campaign's pacer what happened. */
export function tellPacer(floor: Floor, campaignId: string, event: Unnumbered<PacingEvent>): void {
  floor.campaigns.get(campaignId)?.pacer.tell(event);
}
