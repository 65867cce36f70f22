import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { nodeOptions } from '../server/machine/role.ts';
import { misuse } from './report.ts';

/** `npm run bench -- NAME [options]`: one measurement by its name. Exits 1 when a check is not ok, 2 when called in a way it does not know. */

const BENCHES: Readonly<Record<string, () => Promise<{ run(argv: readonly string[]): Promise<void> }>>> = {
  audit: () => import('./bench/audit.ts'),
  import: () => import('./bench/import.ts'),
  connect: () => import('./bench/connect.ts'),
  floor: () => import('./bench/floor.ts'),
  pacing: () => import('./bench/pacing.ts'),
  queue: () => import('./bench/queue.ts'),
  soak: () => import('./bench/soak.ts'),
  why: () => import('./bench/why.ts'),
};

/** What the dialer does is measured in a process like the dialer's own. */
const LIKE_THE_DIALER: ReadonlySet<string> = new Set(['queue']);

const [name, ...argv] = process.argv.slice(2);
const load = name === undefined ? undefined : BENCHES[name];
if (load === undefined) misuse('bench', `name one of ${Object.keys(BENCHES).join(', ')}: npm run bench -- NAME`);
const options = name !== undefined && LIKE_THE_DIALER.has(name) ? nodeOptions('dialer') : [];
if (options.every((option) => process.execArgv.includes(option))) {
  const bench = await load();
  await bench.run(argv);
} else {
  const child = spawn(process.execPath, [...options, ...process.argv.slice(1)], { stdio: 'inherit' });
  // It ends its own servers.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [code] = (await once(child, 'exit')) as [number | null];
  process.exitCode = code ?? 1;
}
