import { once } from 'node:events';
import { setTimeout as elapsed } from 'node:timers/promises';
import ari from 'ari-client';
import { stationObjects } from '../../../server/telephony/asterisk/stations.ts';
import { order, type Answer, type Order } from './terms.ts';

/**
 * The bare loop: what connecting a debtor costs with ari-client and nothing else, neither database nor sockets nor rules. A process of its
 * own, so that its CPU can be told apart; the bench drives it over its channel.
 */

const APPLICATION = 'bench-bare';
const DRAIN_LIMIT_MS = 10_000;

let client: ari.Client;
let stationIds: string[] = [];
/** Bridges with a station in them and no debtor, longest idle first. */
const idle: string[] = [];

for await (const [message] of messages()) await obey(order.parse(message));

async function* messages(): AsyncGenerator<unknown[]> {
  const closed = once(process, 'disconnect').then(() => null);
  for (;;) {
    const next = await Promise.race([once(process, 'message'), closed]);
    if (next === null) process.exit(0);
    yield next;
  }
}

async function obey(given: Order): Promise<void> {
  if (given.type === 'provision') await provision(given);
  else if (given.type === 'stand') await stand();
  else await run(given);
}

async function provision({ access, stations }: Extract<Order, { type: 'provision' }>): Promise<void> {
  client = await ari.connect(access.url, access.user, access.password);
  await client.start(APPLICATION);
  // The dialer filters too: nobody pays for events that nobody reads.
  const filter = { allowed: [{ type: 'StasisStart' }, { type: 'StasisEnd' }] };
  await client.applications.filter({ applicationName: APPLICATION, filter });
  for (const { stationId, secret } of stations) {
    for (const { objectType, fields } of stationObjects({ stationId, secret, kind: 'sip' }, '127.0.0.1')) {
      await client.asterisk.updateObject({ configClass: 'res_pjsip', objectType, id: stationId, fields });
    }
  }
  stationIds = stations.map(({ stationId }) => stationId);
  say({ type: 'provisioned' });
}

async function stand(): Promise<void> {
  for (const stationId of stationIds) {
    const bridgeId = `bridge-${stationId}`;
    const channelId = `leg-${stationId}`;
    await client.bridges.createWithId({ bridgeId, type: 'mixing' });
    const entered = Promise.withResolvers<void>();
    client.on('StasisStart', (event) => {
      if (event.channel.id === channelId) entered.resolve();
    });
    await client.channels.originate({ endpoint: `PJSIP/${stationId}`, channelId, app: APPLICATION, timeout: 10 });
    await entered.promise;
    client.removeAllListeners('StasisStart');
    await client.bridges.addChannel({ bridgeId, channel: channelId });
    idle.push(bridgeId);
  }
  say({ type: 'standing' });
}

async function run({ prefix, endpoint, calls, callsPerSecond }: Extract<Order, { type: 'run' }>): Promise<void> {
  const bridgeOf = new Map<string, string>();
  const drained = Promise.withResolvers<void>();
  let connected = 0;
  let left = 0;
  client.on('StasisStart', (event) => {
    const bridgeId = idle.shift();
    if (bridgeId === undefined) return;
    bridgeOf.set(event.channel.id, bridgeId);
    connected++;
    client.bridges.addChannel({ bridgeId, channel: event.channel.id }).catch(() => connected--);
  });
  client.on('StasisEnd', (event) => {
    const bridgeId = bridgeOf.get(event.channel.id);
    if (bridgeId !== undefined) idle.push(bridgeId);
    left++;
    if (left === calls) drained.resolve();
  });

  const before = process.cpuUsage();
  const startMs = performance.now();
  for (let index = 0; index < calls; index++) {
    const dueMs = startMs + (index * 1_000) / callsPerSecond;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await elapsed(waitMs);
    client.channels
      .originate({
        endpoint: endpoint.replace('#', String(index).padStart(6, '0')),
        channelId: `${prefix}${index}`,
        app: APPLICATION,
        timeout: 10,
      })
      .catch(() => left++);
  }
  await Promise.race([drained.promise, elapsed(DRAIN_LIMIT_MS)]);
  const used = process.cpuUsage(before);
  client.removeAllListeners('StasisStart');
  client.removeAllListeners('StasisEnd');
  say({ type: 'ran', cpuMs: (used.user + used.system) / 1_000, connected });
}

function say(message: Answer): void {
  process.send?.(message);
}
