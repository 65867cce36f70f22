import { randomUUID } from 'node:crypto';
import { floorCommand, floorCommandsKey, floorEvent, floorEventsKey } from '../contract/floor.ts';
import { systemClock, type Clock } from '../kernel/clock.ts';
import { createDatabase, createPool } from '../kernel/database.ts';
import { createRedis } from '../kernel/redis.ts';
import type { RoleContext, RunningRole } from '../kernel/role.ts';
import { defineStream, follow, publish } from '../kernel/streams.ts';
import { keepHouse } from '../telephony/asterisk/housekeeping.ts';
import { readHourModel } from '../scoring/store.ts';
import { keepRecord } from '../telephony/asterisk/keep-record.ts';
import { createAsteriskSwitch } from '../telephony/asterisk/switch.ts';
import type { SwitchEvent } from '../telephony/port.ts';
import { createBoard } from './board.ts';
import { createJournal } from './journal.ts';
import { createTeller } from './teller.ts';
import { debtorNews } from './calls.ts';
import { answerNumbers, callArrives } from './inbound/arrive.ts';
import { inboundNews } from './inbound/news.ts';
import { bringInOldVoicemails, collectVoicemails } from './inbound/voicemail.ts';
import { endCalledOff } from './call-off.ts';
import { obey } from './commands.ts';
import { tellAvailability } from './desks.ts';
import type { Floor } from './floor.ts';
import { takeLease } from './lease.ts';
import { hangUp } from './message.ts';
import { tick, TICK_MS } from './pace.ts';
import { removeOldRecords } from './pacing-record.ts';
import { endOrphans } from './orphans.ts';
import { comeBack, neededOfRecordMs, sweep } from './reconcile.ts';
import { recover } from './recover.ts';
import { rehearse } from './rehearse.ts';
import { loadCampaigns, refreshDesks, reloadTrunks, rememberPacing } from './settings.ts';
import { countLedgers, endsWritten } from './ledger.ts';
import { agentLegEnded, agentLegEntered, agentLegJoined, dropLeg, logOutForgotten } from './stations.ts';
import { giveUpTests, testNews } from './test-call.ts';
import { createWriter } from './writer.ts';

const SWEEP_MS = 5_000;
const RELOAD_MS = 3_000;
const BOARD_MS = 1_000;
const HOUSEKEEPING_MS = 600_000;
const HOURS_MS = 3_600_000;
const RECORD_MS = 60_000;
const VOICEMAIL_MS = 10_000;
/** What an orderly stop may take, so that the supervisor never has to make it. */
const STOP_MS = 2_500;
const LAST_WRITES_MS = 500;
const SWITCH_CLOCK_MS = 30_000;
const REMEMBER_MS = 60_000;
const OLD_RECORDS_MS = 3_600_000;

/**
 * Runs one floor: waits for its lease, takes over what is there, then dials. Owns the connection to the switch, the timers and the
 * database pool; `stop` withdraws calls that nobody answered, leaves bridged ones to a successor, and gives the lease back.
 */
export async function startDialer(
  context: RoleContext,
  options: { onFatal?: () => void; clock?: Clock } = {},
): Promise<RunningRole> {
  const { log, floorId } = context;
  const pool = createPool(context.databaseUrl, { max: 10, applicationName: 'wusul dialer', pipeline: true });
  const database = createDatabase(pool);
  const redis = createRedis(context.redisUrl);
  const onFatal = options.onFatal ?? (() => process.exit(70));
  const clock = options.clock ?? systemClock;
  const stopped = new AbortController();
  const commands = defineStream(floorCommandsKey(floorId), floorCommand);
  const events = defineStream(floorEventsKey(floorId), floorEvent);

  const { dataDir, secrets } = context;
  void bringInOldVoicemails({ database, log, dataDir, secret: secrets.station, signal: stopped.signal });
  const lease = await takeLease(database, {
    floorId,
    owner: randomUUID(),
    clock,
    log,
    onLost: onFatal,
    signal: stopped.signal,
  });
  const telephone = createAsteriskSwitch({
    url: context.ari.url,
    user: context.ari.user,
    password: context.ari.password,
    // One name per floor and epoch: a former dialer that wakes up finds its own name, not ours.
    application: `wusul-${floorId}-${lease.epoch}`,
    trunks: context.trunks,
    recordFile: context.recordFile,
    mediaAddress: context.mediaAddress,
    log,
  });
  const writer = createWriter(database, log);
  const teller = createTeller((event) => {
    publish(redis, events, event).catch(() => {
      // Consoles ask for snapshots when Redis is back; nothing here depends on it.
    });
  });
  const floor: Floor = {
    floorId,
    lease,
    telephone,
    database,
    redis,
    clock,
    log,
    writer,
    journal: createJournal(writer, (attemptIds) => endsWritten(floor, attemptIds)),
    stationKey: context.secrets.station,
    trunks: new Map(),
    campaigns: new Map(),
    calls: new Map(),
    inbound: new Map(),
    calledOff: new Set(),
    desks: new Map(),
    agentLegs: new Map(),
    hours: null,
    tests: new Map(),
    switchUp: false,
    watchedAtMs: -Infinity,
    generation: 0,
    startedAtMs: clock.monotonicMs(),
    stopping: false,
    switchSkewMs: 0,
    ticks: 0,
    launches: new Set(),
    nextPacingId: 0,
    dataDir: context.dataDir,
    pacingRecord: { keepDays: context.pacingRecordDays },
    dropped: { late: 0, unknown: 0 },
    tell: teller.tell,
  };

  let recovered = false;
  telephone.subscribe((event) => {
    try {
      onSwitchEvent(floor, event, { onFatal, recovered: () => recovered });
    } catch (error) {
      log.error({ err: error, type: event.type }, 'news of the switch failed');
    }
  });
  await telephone.open();
  await reloadSettings(floor);
  await learnHours(floor);
  await recover(floor);
  await countLedgers(floor);
  await rehearse(floor);
  recovered = true;
  void comeBack(floor);

  const board = createBoard(floor);
  const queues = new Map<string, Promise<void>>();
  const reader = follow(redis, commands, {
    log,
    onMessage(command) {
      // In order for each agent, side by side for different ones.
      const key = 'agentId' in command ? command.agentId : command.type;
      const after = (queues.get(key) ?? Promise.resolve())
        .then(() => obey(floor, command))
        .catch((error: unknown) => {
          log.error({ err: error, command: command.type }, 'command failed');
        });
      queues.set(key, after);
      void after.then(() => queues.get(key) === after && queues.delete(key));
    },
  });
  await reader.ready;
  floor.tell({ type: 'taken', floorId, epoch: Number(lease.epoch) });

  await compareClocks(floor);
  void forgetOldRecords(floor);
  const timers = [
    setInterval(() => void compareClocks(floor), SWITCH_CLOCK_MS),
    setInterval(() => tick(floor), TICK_MS),
    setInterval(() => board.publish(), BOARD_MS),
    setInterval(() => rememberPacing(floor), REMEMBER_MS),
    setInterval(() => void forgetOldRecords(floor), OLD_RECORDS_MS),
    setInterval(() => {
      learnHours(floor).catch(() => log.warn('the hours of answers could not be read'));
    }, HOURS_MS),
    setInterval(() => {
      countLedgers(floor).catch(() => log.warn('abandoned calls could not be counted'));
    }, BOARD_MS),
    setInterval(() => {
      for (const desk of floor.desks.values()) tellAvailability(floor, desk);
    }, BOARD_MS),
    setInterval(() => {
      endCalledOff(floor).catch(() => log.warn('calls that were called off could not be read'));
    }, BOARD_MS),
    setInterval(() => {
      collectVoicemails(floor).catch(() => log.warn('voice messages could not be looked for'));
    }, VOICEMAIL_MS),
    setInterval(() => {
      reloadSettings(floor)
        .then(() => refreshDesks(floor))
        .catch(() => log.warn('settings could not be read'));
    }, RELOAD_MS),
    setInterval(() => {
      sweep(floor).catch((error: unknown) => log.warn({ err: error }, 'sweep failed'));
      endOrphans(floor).catch((error: unknown) => log.warn({ err: error }, 'attempts nobody holds could not be ended'));
      logOutForgotten(floor);
    }, SWEEP_MS),
  ];
  const house =
    context.ami &&
    keepHouse({
      ...context.ami,
      everyMs: HOUSEKEEPING_MS,
      onFailure: (reason) => log.warn({ reason }, 'memory of the switch could not be returned'),
    });
  const record =
    context.recordFile !== null &&
    keepRecord({
      file: context.recordFile,
      keepDays: context.recordKeep.days,
      keepBytes: context.recordKeep.megabytes * 2 ** 20,
      neededSinceMs: () => neededOfRecordMs(database),
      everyMs: RECORD_MS,
      log,
    });
  log.info({ floorId, epoch: Number(lease.epoch) }, 'dialing');

  return {
    async stop() {
      stopped.abort();
      floor.stopping = true;
      for (const timer of timers) clearInterval(timer);
      house?.stop();
      if (record) record.stop();
      const until = performance.now() + STOP_MS;
      giveUpTests(floor);
      await atMostUntil(until, Promise.allSettled(floor.launches));
      await withdrawUnanswered(floor, until);
      await atMostUntil(until, reader.stop());
      await atMostUntil(until, Promise.allSettled(queues.values()));
      teller.stop();
      rememberPacing(floor);
      floor.journal.stop();
      await floor.writer.drain(Math.max(LAST_WRITES_MS, until - performance.now()));
      await atMostUntil(performance.now() + LAST_WRITES_MS, lease.release()).catch(() => undefined);
      await telephone.close();
      await Promise.all(
        [...floor.campaigns.values()].map((campaign) => atMostUntil(performance.now() + LAST_WRITES_MS, campaign.pacer.close())),
      );
      redis.disconnect();
      await database.destroy();
    },
  };
}

function onSwitchEvent(floor: Floor, event: SwitchEvent, options: { onFatal: () => void; recovered: () => boolean }): void {
  switch (event.type) {
    case 'switch.replaced':
      floor.log.error('another process took the application name');
      options.onFatal();
      return;
    case 'switch.lost':
      floor.switchUp = false;
      floor.generation += 1;
      giveUpTests(floor);
      // Whoever answers now could not be given an agent.
      for (const call of floor.calls.values()) {
        call.unseen = true;
        if (call.state === 'dialing' || call.state === 'ringing') hangUp(floor, call);
      }
      return;
    case 'switch.connected':
      if (!options.recovered()) return;
      void comeBack(floor);
      return;
    default: {
      const call = floor.calls.get(event.legId);
      if (call) {
        debtorNews(floor, call, event);
        return;
      }
      const inbound = floor.inbound.get(event.legId);
      if (inbound && event.type !== 'leg.called') {
        inboundNews(floor, inbound, event);
        return;
      }
      if (event.type === 'leg.called') {
        callArrives(floor, event.legId, event.stampMs, event.caller);
        return;
      }
      const test = floor.tests.get(event.legId);
      if (test) {
        testNews(floor, test, event);
        return;
      }
      if (!floor.agentLegs.has(event.legId)) {
        floor.dropped.unknown += 1;
        // A station that was given up and answers after all: nobody would ever take it out of the silence.
        if (event.type === 'leg.entered' && event.purpose === 'agent') dropLeg(floor, event.legId);
        return;
      }
      if (event.type === 'leg.entered') agentLegEntered(floor, event.legId);
      else if (event.type === 'leg.joined') agentLegJoined(floor, event.legId);
      else if (event.type === 'leg.ended') agentLegEnded(floor, event.legId);
    }
  }
}

/** Ledger times are the switch's stamps: a switch whose clock is off lets nothing be dialed (invariant I4). */
async function compareClocks(floor: Floor): Promise<void> {
  const askedMs = floor.clock.now().epochMilliseconds;
  try {
    const theirsMs = await floor.telephone.clockMs();
    floor.switchSkewMs = theirsMs - (askedMs + floor.clock.now().epochMilliseconds) / 2;
  } catch {
    // A switch that does not answer is noticed elsewhere.
  }
}

async function forgetOldRecords({ dataDir, pacingRecord, clock, log }: Floor): Promise<void> {
  if (pacingRecord === null) return;
  const nowMs = clock.now().epochMilliseconds;
  await removeOldRecords({ dataDir, ...pacingRecord, nowMs }).catch((error: unknown) => {
    log.warn({ err: error }, 'old records of pacers could not be removed');
  });
}

/** Before anybody was ever called every hour is like any other. */
async function learnHours(floor: Floor): Promise<void> {
  const hours = await readHourModel(floor.database);
  floor.hours = hours.segments.size > 0 ? hours : null;
}

async function reloadSettings(floor: Floor): Promise<void> {
  await loadCampaigns(floor);
  await answerNumbers(floor);
  await reloadTrunks(floor);
}

/**
 * Ends the calls that nobody has answered yet, and waits a little until the switch has said so and whoever answered is with an agent:
 * nobody is left to the message by an orderly stop.
 */
async function withdrawUnanswered(floor: Floor, until: number): Promise<void> {
  for (const call of floor.calls.values()) if (call.state === 'dialing' || call.state === 'ringing') hangUp(floor, call);
  const underWay = (): boolean => [...floor.calls.values()].some((call) => call.state !== 'ended' && call.state !== 'connected');
  while (performance.now() < until && underWay()) await new Promise((resolve) => setTimeout(resolve, 50));
}

async function atMostUntil(until: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, until - performance.now()));
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
