import type { Server, Socket } from 'socket.io';
import type { SignedIn } from '../access/store.ts';
import type { Desk, DeskCommand, DeskReply } from '../contract/desk.ts';
import type { ClientEvents, ServerEvents } from '../contract/sockets.ts';
import { refused } from './floor-line.ts';
import type { WebServices } from './services.ts';

export interface SocketData {
  who: SignedIn;
}
export type ConsoleServer = Server<ClientEvents, ServerEvents, Record<string, never>, SocketData>;
export type ConsoleSocket = Socket<ClientEvents, ServerEvents, Record<string, never>, SocketData>;

const PING_MS = 1_500;
const REPORT_MS = 1_000;
/** A tab that has not answered a ping for this long has lost its claim to the desk. */
const CLAIM_MS = 5_000;

/** Takes the claim if it is free, already ours, or to be taken over. */
const CLAIM = `local held = redis.call('get', KEYS[1])
if held and held ~= ARGV[1] and ARGV[3] ~= '1' then return 0 end
redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;
const RELEASE = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`;

/** Answers that say nothing about the desk: the question did not get through. */
const LINE_FAULTS: ReadonlySet<string> = new Set(['dialer_silent', 'messages_away']);

interface OpenDesk {
  socket: ConsoleSocket;
  tab: string;
  answered: boolean;
}

/**
 * The desks open in this process, one tab per agent over all processes: the claim to a desk is a key in Redis that lives as long as
 * its tab answers pings. Made and stopped by `openSockets`.
 */
export class DeskTabs {
  readonly #services: Pick<WebServices, 'redis' | 'floor' | 'log' | 'announce'>;
  readonly #open = new Map<string, OpenDesk>();
  readonly #timers: NodeJS.Timeout[];
  #void = false;
  #refreshing = false;

  constructor(services: Pick<WebServices, 'redis' | 'floor' | 'log' | 'announce'>) {
    this.#services = services;
    this.#timers = [
      setInterval(() => {
        for (const [agentId, desk] of this.#open) this.#ping(agentId, desk);
      }, PING_MS),
      setInterval(() => void this.#report(), REPORT_MS),
    ];
  }

  /** Opens an agent's desk in a tab and answers with all of it; `desk_open_elsewhere` when another tab has it and is not to lose it. */
  async open(socket: ConsoleSocket, options: { takeOver: boolean; tab: string }): Promise<DeskReply> {
    const { userId } = socket.data.who;
    try {
      if (!(await this.#claim(userId, options.tab, options.takeOver))) {
        return refused('desk_open_elsewhere', 'Your desk is open in another tab or on another computer.');
      }
    } catch {
      return refused('messages_away', 'The line to the dialer is down: try again in a moment.');
    }
    // The socket may have gone while Redis was asked; nobody would release the claim.
    if (!socket.connected) {
      await this.#release(userId, options.tab);
      return refused('stopping', 'The connection is gone.');
    }
    const before = this.#open.get(userId);
    const desk: OpenDesk = { socket, tab: options.tab, answered: false };
    this.#open.set(userId, desk);
    if (before && before.socket !== socket && before.tab !== options.tab) before.socket.emit('desk:taken');
    await this.#services.announce({ type: 'desk_taken', agentId: userId, tab: options.tab });
    this.#ping(userId, desk);
    return this.#services.floor.ask({ type: 'desk_snapshot', agentId: userId });
  }

  /** Passes an agent's wish to the dialer. */
  async command(socket: ConsoleSocket, request: { seq: number; command: DeskCommand }): Promise<DeskReply> {
    const { userId } = socket.data.who;
    if (this.#open.get(userId)?.socket !== socket) {
      return refused('desk_not_open', 'Your desk is open elsewhere: take it over first.');
    }
    return this.#services.floor.ask({ type: 'desk', agentId: userId, ...request });
  }

  /** A socket has gone. */
  async close(socket: ConsoleSocket): Promise<void> {
    const { userId } = socket.data.who;
    const desk = this.#open.get(userId);
    if (desk?.socket !== socket) return;
    this.#open.delete(userId);
    await this.#release(userId, desk.tab);
  }

  /** News from the dialer for one agent. */
  send(desk: Desk): void {
    this.#open.get(desk.agentId)?.socket.emit('desk', desk);
  }

  /** A tab has a desk now, in whichever process. */
  taken(agentId: string, tab: string): void {
    const desk = this.#open.get(agentId);
    if (!desk || desk.tab === tab) return;
    this.#open.delete(agentId);
    desk.socket.emit('desk:taken');
  }

  /** What is known of desks is void: every open tab gets all of its desk, as soon as the dialer can be asked. */
  invalidate(): void {
    this.#void = true;
    void this.#refresh();
  }

  /** Lets go of every claim. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    const desks = [...this.#open];
    this.#open.clear();
    await Promise.all(desks.map(([agentId, { tab }]) => this.#release(agentId, tab)));
  }

  #ping(agentId: string, desk: OpenDesk): void {
    desk.socket.emit('desk:ping', () => {
      desk.answered = true;
      if (this.#open.get(agentId) === desk) void this.#renew(agentId, desk);
    });
  }

  async #renew(agentId: string, desk: OpenDesk): Promise<void> {
    try {
      if (await this.#claim(agentId, desk.tab, false)) return;
    } catch {
      // Redis is away: the claim is made anew by the first ping after its return.
      return;
    }
    if (this.#open.get(agentId) !== desk) return;
    this.#open.delete(agentId);
    desk.socket.emit('desk:taken');
  }

  /** Tried again each second until every tab has its desk: the line may be down still. */
  async #refresh(): Promise<void> {
    if (!this.#void || this.#refreshing) return;
    this.#void = false;
    this.#refreshing = true;
    const answered = await Promise.all(
      [...this.#open].map(async ([agentId, { socket }]) => {
        const reply = await this.#services.floor.ask({ type: 'desk_snapshot', agentId });
        if (reply.ok) socket.emit('desk', reply.desk);
        return reply.ok || !LINE_FAULTS.has(reply.problem.code);
      }),
    );
    this.#refreshing = false;
    if (answered.includes(false)) this.#void = true;
  }

  async #report(): Promise<void> {
    void this.#refresh();
    const agentIds: string[] = [];
    for (const [agentId, desk] of this.#open) {
      if (desk.answered) agentIds.push(agentId);
      desk.answered = false;
    }
    if (agentIds.length > 0) await this.#services.floor.tell({ type: 'alive', agentIds });
  }

  async #claim(agentId: string, tab: string, takeOver: boolean): Promise<boolean> {
    const taken = await this.#services.redis.eval(CLAIM, 1, `desk:${agentId}`, tab, CLAIM_MS, takeOver ? '1' : '0');
    return taken === 1;
  }

  async #release(agentId: string, tab: string): Promise<void> {
    try {
      await this.#services.redis.eval(RELEASE, 1, `desk:${agentId}`, tab);
    } catch {
      this.#services.log.info('a desk could not be released: its claim runs out by itself');
    }
  }
}
