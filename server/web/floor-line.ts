import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Desk, DeskReply } from '../contract/desk.ts';
import {
  floorCommand,
  floorCommandsKey,
  floorEvent,
  floorEventsKey,
  type FloorCommand,
  type FloorEvent,
} from '../contract/floor.ts';
import type { Wallboard } from '../contract/wallboard.ts';
import type { Logger } from '../kernel/log.ts';
import { defineStream, follow, publish, type Reader } from '../kernel/streams.ts';

/** A dialer that has not answered by then is taken for silent; a little before the console's own five seconds, so that it hears why. */
export const REPLY_LIMIT_MS = 4_500;

/** A command that is answered; its id is chosen here. */
export type Question =
  | Omit<Extract<FloorCommand, { type: 'desk' }>, 'id'>
  | Omit<Extract<FloorCommand, { type: 'desk_snapshot' }>, 'id'>
  | Omit<Extract<FloorCommand, { type: 'provision_station' }>, 'id'>;

/** Who listens to a floor. */
export interface FloorListener {
  onDesk(desk: Desk): void;
  onWallboard(board: Wallboard): void;
  /** A dialer took the floor, or messages may have been missed: what is known of desks is void. */
  onVoid(): void;
}

/** The line between this web process and the dialer that holds a floor. `start` opens it, `stop` closes it and fails what waits. */
export class FloorLine {
  readonly floorId: string;
  readonly #redis: Redis;
  readonly #log: Logger;
  readonly #commands;
  readonly #events;
  readonly #waiting = new Map<string, (reply: DeskReply) => void>();
  #reader: Reader | null = null;
  #listener: FloorListener | null = null;

  constructor(redis: Redis, floorId: string, log: Logger) {
    this.floorId = floorId;
    this.#redis = redis;
    this.#log = log;
    this.#commands = defineStream(floorCommandsKey(floorId), floorCommand);
    this.#events = defineStream(floorEventsKey(floorId), floorEvent);
  }

  /** Begins to follow the floor; resolves once nothing said from then on is missed, or never while Redis is away. */
  async start(): Promise<void> {
    this.#reader ??= follow(this.#redis, this.#events, {
      onMessage: (event) => this.#receive(event),
      onGap: () => this.#listener?.onVoid(),
      log: this.#log,
    });
    await this.#reader.ready;
  }

  async stop(): Promise<void> {
    await this.#reader?.stop();
    this.#reader = null;
    for (const answer of this.#waiting.values()) answer(refused('stopping', 'This server is stopping: connect again.'));
    this.#waiting.clear();
  }

  /** Names who hears what the dialer tells. */
  listen(listener: FloorListener): void {
    this.#listener = listener;
  }

  /** Asks and waits for the answer; `dialer_silent` after `limitMs`, `messages_away` when Redis is away. Never throws. */
  ask(question: Question, limitMs = REPLY_LIMIT_MS): Promise<DeskReply> {
    const id = randomUUID();
    const answered = new Promise<DeskReply>((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        resolve(refused('dialer_silent', 'The dialer does not answer: try again in a moment.'));
      }, limitMs);
      this.#waiting.set(id, (reply) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        resolve(reply);
      });
    });
    publish(this.#redis, this.#commands, { ...question, id }).catch(() =>
      this.#waiting.get(id)?.(refused('messages_away', 'The line to the dialer is down: try again in a moment.')),
    );
    return answered;
  }

  /** Tells the dialer something that needs no answer; false, and lost, when Redis is away: of what changes the dialer hears by itself. */
  async tell(
    command: Extract<FloorCommand, { type: 'alive' | 'changed' | 'corrected' | 'test_trunk' | 'demo_caller' | 'watched' }>,
  ): Promise<boolean> {
    try {
      await publish(this.#redis, this.#commands, command);
      return true;
    } catch {
      this.#log.warn({ type: command.type }, 'the dialer could not be told');
      return false;
    }
  }

  #receive(event: FloorEvent): void {
    switch (event.type) {
      case 'reply':
        this.#waiting.get(event.id)?.(event.reply);
        return;
      case 'desk':
        this.#listener?.onDesk(event.desk);
        return;
      case 'wallboard':
        this.#listener?.onWallboard(event.wallboard);
        return;
      case 'taken':
        this.#listener?.onVoid();
    }
  }
}

/** A refusal in the shape of a desk's answer. */
export function refused(code: string, message: string, field: string | null = null): DeskReply {
  return { ok: false, problem: { code, message, field } };
}
