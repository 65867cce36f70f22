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

const [name, ...argv] = process.argv.slice(2);
const load = name === undefined ? undefined : BENCHES[name];
if (load === undefined) misuse('bench', `name one of ${Object.keys(BENCHES).join(', ')}: npm run bench -- NAME`);
const bench = await load();
await bench.run(argv);
