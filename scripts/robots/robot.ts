import { setTimeout as elapsed } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { io, type Socket } from 'socket.io-client';
import type { Desk, DeskCommand, DeskReply } from '../../server/contract/desk.ts';
import { stationAccount } from '../../server/contract/people.ts';
import type { ClientEvents, ServerEvents } from '../../server/contract/sockets.ts';
import type { Clock } from '../../server/kernel/clock.ts';
import type { PhoneCall } from './call.ts';
import { signIn, type Client } from './client.ts';
import type { Notes } from './notes.ts';
import { Phone } from './phone.ts';
import { nextStep, planCall, type Habits, type Plan } from './rules.ts';

/** The robots' sound, and that of the demo carrier's debtors, in hertz. */
export const ROBOT_TONE = 700;
export const DEBTOR_TONE = 400;
/** Amplitude from which a tone counts as heard. */
const AUDIBLE = 0.05;

const REPLY_WITHIN_MS = 5_000;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 4_000;
const REGISTER_WITHIN_MS = 15_000;
/** What was granted but has not shown yet is not asked again before this. */
const REPEAT_AFTER_MS = 1_000;
const LISTEN_AT_MOST_MS = 60_000;

export interface RobotOptions {
  url: string;
  login: string;
  password: string;
  campaignId: string | null;
  habits: Habits;
  random: () => number;
  clock: Clock;
  notes: Notes;
  /** Neither speaks nor listens: for measurements in which sound would only be load. */
  quiet?: boolean;
}

/** An agent that is a program: it signs in, stands at its phone and its desk as a person does, and uses nothing else. */
export interface Robot {
  readonly login: string;
  /** The desk as last told by the server. */
  desk(): Desk | null;
  /** Ends the call under way as the server sees fit, records its outcome, logs out and goes; at most `withinMs`. */
  leave(withinMs: number): Promise<void>;
}

/** Signs a robot in, registers its phone and logs it in. Resolves when it stands at its desk; it then works by itself. */
export async function startRobot(options: RobotOptions): Promise<Robot> {
  const { clock, notes, login } = options;
  const client = await signIn(options.url, login, options.password);
  // A dialer that is just taking the floor knows of no station yet.
  const account = await patiently(() => client.get('/api/v1/station', stationAccount));
  const phone = await Phone.open(account);
  phone.quiet = options.quiet ?? false;
  const socket = connect(client);
  let standing: PhoneCall | null = null;
  let desk: Desk | null = null;
  let plan: Plan | null = null;
  let busy = false;
  let lastDone: { command: DeskCommand; atMs: number } | null = null;
  let leaving = false;
  let retryMs = FIRST_RETRY_MS;
  let timer: NodeJS.Timeout | undefined;
  const gone = Promise.withResolvers<void>();
  const seated = Promise.withResolvers<void>();

  phone.onCall((call) => {
    // A switch that was killed says no goodbye: the new leg is the end of the old one.
    void standing?.close();
    standing = call;
    speak();
  });
  socket.on('connect', () => void openDesk());
  socket.on('desk', (next) => see(next));
  socket.on('desk:ping', (answer) => answer());

  function see(next: Desk): void {
    // Replies and news may overtake one another; a dialer that took the floor anew may count from below.
    if (desk !== null && isOlder(next, desk)) return consider();
    const before = desk;
    desk = next;
    const call = next.call;
    if ((next.state === 'talking' || next.state === 'wrap_up') && call !== null && call.attemptId !== plan?.attemptId) {
      plan = planCall(call.attemptId, options.habits, options.random, clock.monotonicMs(), call.number);
      notes.began(login, call.attemptId, clock.now());
      if (!phone.quiet) void listen(call.attemptId);
    }
    if (next.state === 'wrap_up' && plan !== null && plan.disposeAtMs === null) {
      plan.disposeAtMs = clock.monotonicMs() + plan.wrapUpMs;
      notes.ended(plan.attemptId, clock.now());
    }
    if (next.state !== before?.state) retryMs = FIRST_RETRY_MS;
    speak();
    consider();
  }

  /** The tone is sent while bridged and at no other time, so that either end can be told by its sound. */
  function speak(): void {
    standing?.say(desk?.state === 'talking' && desk.call?.phase === 'talking' ? ROBOT_TONE : null);
  }

  async function listen(attemptId: string): Promise<void> {
    const beganMs = clock.monotonicMs();
    try {
      await standing?.hears((heard) => heard(DEBTOR_TONE) > AUDIBLE || plan?.attemptId !== attemptId, LISTEN_AT_MOST_MS);
      if (plan?.attemptId === attemptId) notes.heard(attemptId, clock.monotonicMs() - beganMs);
    } catch {
      // Never heard: the notes show it.
    }
  }

  function consider(): void {
    clearTimeout(timer);
    if (busy || desk === null || !socket.connected) return;
    if (leaving && desk.state === 'offline') return gone.resolve();
    const moment = { nowMs: clock.monotonicMs(), now: clock.now() };
    const step = nextStep(desk, plan, { campaignId: options.campaignId, leaving, ...moment });
    if ('do' in step) {
      const againMs = lastDone !== null && isDeepStrictEqual(lastDone.command, step.do) ? lastDone.atMs + REPEAT_AFTER_MS : 0;
      if (againMs > moment.nowMs) timer = setTimeout(consider, againMs - moment.nowMs);
      else void carryOut(step.do);
    } else if (step.waitMs !== null) timer = setTimeout(consider, step.waitMs);
  }

  async function carryOut(command: DeskCommand): Promise<void> {
    busy = true;
    const reply = await ask(command);
    busy = false;
    if (command.type === 'dispose') noteOutcome(command, reply);
    if (reply?.ok) {
      lastDone = { command, atMs: clock.monotonicMs() };
      if (command.type === 'ready') seated.resolve();
      see(reply.desk);
      return;
    }
    notes.refused(reply === null ? 'no_reply' : reply.problem.code);
    // The desk may have changed on the way: look again at what it is then, ever more patiently.
    timer = setTimeout(consider, retryMs);
    retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
  }

  function noteOutcome(command: Extract<DeskCommand, { type: 'dispose' }>, reply: DeskReply | null): void {
    if (reply?.ok) {
      notes.saved(command.attemptId, command.outcome.code, clock.now());
      plan = null;
    } else notes.unsaved(command.attemptId);
  }

  async function ask(command: DeskCommand): Promise<DeskReply | null> {
    try {
      return await socket.timeout(REPLY_WITHIN_MS).emitWithAck('desk:command', { seq: desk?.seq ?? 0, command });
    } catch {
      return null;
    }
  }

  async function openDesk(): Promise<void> {
    try {
      const reply = await socket.timeout(REPLY_WITHIN_MS).emitWithAck('desk:open', { takeOver: true });
      if (reply.ok) {
        desk = null;
        see(reply.desk);
        return;
      }
      notes.refused(reply.problem.code);
    } catch {
      notes.refused('no_reply');
    }
    // A connection that is gone opens the desk again when it is back.
    if (socket.connected) timer = setTimeout(() => void openDesk(), LONGEST_RETRY_MS);
  }

  async function leave(withinMs: number): Promise<void> {
    leaving = true;
    consider();
    await Promise.race([gone.promise, elapsed(withinMs, undefined, { ref: false })]);
    clearTimeout(timer);
    socket.disconnect();
    await phone.close();
    await client.signOut().catch(() => {
      // The server may be gone before its robots.
    });
  }

  try {
    await patiently(() => phone.register());
    socket.connect();
    await Promise.race([
      seated.promise,
      elapsed(REGISTER_WITHIN_MS, undefined, { ref: false }).then(() => {
        throw new Error(
          `${login} did not become ready (${desk?.state ?? 'no desk'}, ${standing?.state ?? 'no leg'}): ${JSON.stringify(notes.refusals())}`,
        );
      }),
    ]);
  } catch (fault) {
    await leave(0);
    throw fault;
  }
  return { login, desk: () => desk, leave };
}

function isOlder(one: Desk, other: Desk): boolean {
  return one.seq < other.seq && Temporal.Instant.compare(one.serverTime, other.serverTime) <= 0;
}

/** Tries again until it works, for as long as parts of the server may still be starting; then throws what the last try threw. */
async function patiently<Value>(work: () => Promise<Value>): Promise<Value> {
  const deadline = performance.now() + REGISTER_WITHIN_MS;
  for (;;) {
    try {
      return await work();
    } catch (fault) {
      if (performance.now() > deadline) throw fault;
      await elapsed(FIRST_RETRY_MS);
    }
  }
}

function connect(client: Client): Socket<ServerEvents, ClientEvents> {
  return io(client.url, {
    autoConnect: false,
    transports: ['websocket'],
    reconnectionDelayMax: 2_000,
    extraHeaders: { cookie: client.cookie, origin: new URL(client.url).origin },
  });
}
