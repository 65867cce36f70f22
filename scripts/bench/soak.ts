import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { sql } from 'kysely';
import { z } from 'zod';
import type { Database } from '../../server/kernel/database.ts';
import { releasePastEpochs } from '../../server/queue/release.ts';
import { settle } from '../../server/queue/settle.ts';
import { withPool, withScratchDatabase } from '../postgres.ts';
import { atLeast, atMost, readOptions, report, tell, wholeNumber } from '../report.ts';
import { laySoak, type SoakFloor } from './soak/lay.ts';
import { askHistory, countDeadlocks } from './soak/questions.ts';

const COMMAND = 'bench soak';
const RESERVER = join(import.meta.dirname, 'soak/reserver.ts');
const RESERVATIONS = 100_000;
const ROUNDS = 10_000;
const PEOPLE = 16_000;
const LEAST_PEOPLE = 4_000;
const DIALERS = 4;
const LANES = 4;
const ROUNDS_AT_A_STEP = 4;
/** Times of day in Riyadh: before opening, through the day, too near to closing for a phone to ring, and after it. */
const CLOCK = ['09:10', '09:31', '10:32', '11:33', '12:34', '13:35', '14:36', '15:37', '16:29:45', '17:30'] as const;
const MOST_DAYS = 120;

const Told = z.object({ reserved: z.number(), rounds: z.number(), deadlocks: z.number(), broken: z.number() });

/**
 * `npm run bench -- soak [--reservations 100000] [--json]`: four dialers of four lanes each reserve, dial, release and end calls of people who share
 * numbers, debts and campaigns, two campaigns in the opposite order of the others, through days whose clock is told to them, while dialers
 * are killed and connections cut; then the history is asked what it saw.
 */
export async function run(argv: readonly string[]): Promise<void> {
  const { values } = readOptions(COMMAND, argv, { reservations: { type: 'string' }, json: { type: 'boolean', default: false } });
  const wanted = wholeNumber(COMMAND, 'reservations', values.reservations, {
    otherwise: RESERVATIONS,
    least: 1_000,
    most: 10 * RESERVATIONS,
  });
  await withScratchDatabase(null, (url) =>
    withPool(url, async (_, database) => {
      const floors = await laySoak(database, Math.max(LEAST_PEOPLE, Math.ceil((PEOPLE * wanted) / RESERVATIONS)), DIALERS);
      const soak = new Soak(url, database, floors);
      try {
        await soak.go(wanted, Math.ceil((ROUNDS * wanted) / RESERVATIONS));
      } finally {
        soak.stop();
      }
      const { reserved: _reserved, deadlocks, ...told } = soak.told;
      const found = await askHistory(database);
      const checks = [
        atLeast('reservations', found.attempts, wanted),
        atMost('double_contacts', found.doubleContacts, 0),
        atMost('caps_exceeded', found.capsExceeded, 0),
        atMost('windows_broken', found.windowsBroken, 0),
        atMost('deadlocks', Math.max(deadlocks, await countDeadlocks(database)), 0),
        atMost('unended', found.unended, 0),
      ];
      report(COMMAND, checks, { ...told, counted: found.counted, seconds: soak.seconds() }, values);
    }),
  );
}

/** The dialers, their clock, and their misfortunes. */
class Soak {
  readonly told = { reserved: 0, rounds: 0, deadlocks: 0, broken: 0, killed: 0, cut: 0 };
  private readonly url: string;
  private readonly database: Database;
  private readonly dialers: { floor: SoakFloor; epoch: bigint; process: ChildProcess }[];
  private readonly began = performance.now();

  constructor(url: string, database: Database, floors: readonly SoakFloor[]) {
    this.url = url;
    this.database = database;
    this.dialers = floors.map((floor) => ({ floor, epoch: 1n, process: this.dialer(floor) }));
  }

  /** From step to step, each at its own moment, until enough was reserved in enough rounds. */
  async go(reservations: number, rounds: number): Promise<void> {
    const start = Temporal.Now.plainDateISO('Asia/Riyadh').add({ days: 1 });
    let step = 0;
    for (let day = 0; this.told.reserved < reservations || this.told.rounds < rounds; day += 1) {
      if (day === MOST_DAYS) throw new Error(`after ${day} days only ${this.told.reserved} reservations were made`);
      for (const time of CLOCK) {
        const now = start.add({ days: day }).toZonedDateTime({ timeZone: 'Asia/Riyadh', plainTime: time }).toInstant();
        await this.step(now, step);
        step += 1;
      }
      tell(`day ${day + 1}: ${this.told.reserved} reservations in ${this.told.rounds} rounds`);
    }
    for (const index of this.dialers.keys()) await this.succeed(index);
  }

  seconds(): number {
    return Math.round((performance.now() - this.began) / 1_000);
  }

  stop(): void {
    for (const { process: child } of this.dialers) child.kill('SIGKILL');
  }

  private dialer({ floorId, campaignId }: SoakFloor): ChildProcess {
    return fork(RESERVER, [this.url, floorId, campaignId, String(LANES)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  }

  /** All dialers work at one moment: a clock that leaps between reservations would tell less than it hides. */
  private async step(now: Temporal.Instant, number: number): Promise<void> {
    const victim = number % 7 === 3 ? number % DIALERS : null;
    const over = this.dialers.map(async ({ process: child, epoch }) => {
      const heard = new AbortController();
      const { signal } = heard;
      const news = Promise.race([once(child, 'message', { signal }), once(child, 'exit', { signal }).then(() => null)]);
      child.send({ epoch: epoch.toString(), now: now.toString(), rounds: ROUNDS_AT_A_STEP });
      const message = await news.finally(() => heard.abort());
      if (message === null) return;
      const told = Told.parse(message[0]);
      for (const name of ['reserved', 'rounds', 'deadlocks', 'broken'] as const) this.told[name] += told[name];
    });
    if (victim !== null) {
      await new Promise((resolve) => setTimeout(resolve, (number * 37) % 150));
      const child = this.dialers[victim]?.process;
      if (child !== undefined) {
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        // Its work may have been over already: nothing else would wait for its end.
        await gone;
      }
      this.told.killed += 1;
    } else if (number % 5 === 1) await this.cutConnections();
    await Promise.all(over);
    if (victim !== null) await this.succeed(victim);
  }

  /** A dialer that died is followed by another: the next epoch, what was never dialed is free, what may have been dialed is lost. */
  private async succeed(index: number): Promise<void> {
    const dialer = this.dialers[index];
    if (!dialer) return;
    const { floorId } = dialer.floor;
    dialer.epoch += 1n;
    await sql`update floor set epoch = ${dialer.epoch} where id = ${floorId}`.execute(this.database);
    await releasePastEpochs(this.database, { floorId, epoch: dialer.epoch });
    const open = await this.database
      .selectFrom('contact_attempt')
      .select('id')
      .where('floor_id', '=', floorId)
      .where('epoch', '<', dialer.epoch)
      .where('state', '<>', 'ended')
      .execute();
    const stamps = {
      agentId: null,
      screening: null,
      ringing: null,
      answered: null,
      waiting: null,
      connected: null,
      message: null,
    };
    const endedAt = Temporal.Now.instant();
    const lost = { result: 'lost', ending: 'lost', counts: true, cause: null, techCause: null, endedAt, stamps } as const;
    await settle(
      this.database,
      open.map(({ id }) => ({ attemptId: id, ...lost })),
    );
    if (dialer.process.exitCode !== null || dialer.process.signalCode !== null) dialer.process = this.dialer(dialer.floor);
  }

  private async cutConnections(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 60));
    const { rows } = await sql<{ cut: boolean }>`
      select pg_terminate_backend(pid) as cut from pg_stat_activity
      where application_name = 'wusul-soak' and datname = current_database() order by random() limit 3`.execute(this.database);
    this.told.cut += rows.length;
  }
}
