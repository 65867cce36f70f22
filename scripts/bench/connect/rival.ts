import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { Phone } from '../../robots/phone.ts';
import type { SwitchFacts } from '../../../server/machine/services.ts';
import { answer, type Answer, type Order } from './terms.ts';

/** The bare loop with its own standing stations on the floor's switch. */
export interface Rival {
  /** Calls `calls` debtors at a steady rate; the legs' ids begin with `prefix`. */
  run(prefix: string, calls: number, callsPerSecond: number): Promise<{ cpuMs: number; connected: number }>;
  stop(): Promise<void>;
}

/** Starts the loop's process and puts `stations` phones at its disposal. `endpoint`: the dial string of a debtor, `#` for six digits. */
export async function startRival(
  telephone: Pick<SwitchFacts, 'ari' | 'sipHost' | 'sipPort'>,
  stations: number,
  endpoint: string,
): Promise<Rival> {
  const child = fork(join(import.meta.dirname, 'bare.ts'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const phones: Phone[] = [];
  const accounts = Array.from({ length: stations }, (_, index) => ({
    stationId: `bare-${String(index).padStart(4, '0')}`,
    secret: randomBytes(8).toString('hex'),
  }));
  await ask(child, { type: 'provision', access: telephone.ari, stations: accounts });
  for (const { stationId, secret } of accounts) {
    const { sipHost: host, sipPort: port } = telephone;
    const phone = await Phone.open({ user: stationId, secret, domain: host, host, port });
    phone.quiet = true;
    phones.push(phone);
    await phone.register();
  }
  await ask(child, { type: 'stand' });
  return {
    async run(prefix, calls, callsPerSecond) {
      const ran = await ask(child, { type: 'run', prefix, endpoint, calls, callsPerSecond });
      if (ran.type !== 'ran') throw new Error(`the bare loop answered ${ran.type}`);
      return { cpuMs: ran.cpuMs, connected: ran.connected };
    },
    async stop() {
      await Promise.all(phones.map((phone) => phone.close()));
      if (child.connected) child.disconnect();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

async function ask(child: ChildProcess, given: Order): Promise<Answer> {
  const replied = once(child, 'message');
  const ended = once(child, 'exit').then(() => {
    throw new Error('the bare loop ended');
  });
  child.send(given);
  const [message] = await Promise.race([replied, ended]);
  return answer.parse(message);
}
