import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { identify, isAlive, ProcessIdentity } from './process.ts';

/** Who holds the lock, so that a second start can say it and `npm stop` can find it. */
const Holder = z.object({ identity: ProcessIdentity, url: z.string().nullable() });
export type Holder = z.infer<typeof Holder>;

export interface Lock {
  /** Tells later starts where this one can be reached. */
  tell(url: string): void;
  release(): void;
}

/** Takes the lock, or says who lives and holds it; the lock of a dead process is taken over. */
export function takeLock(file: string): Lock | Holder {
  const identity = identify(process.pid);
  if (identity === null) throw new Error('This process does not find itself under /proc');
  const text = (url: string | null): string => `${JSON.stringify({ identity, url } satisfies Holder)}\n`;
  for (let tries = 0; tries < 10; tries += 1) {
    try {
      writeFileSync(file, text(null), { flag: 'wx', mode: 0o600 });
      return {
        tell: (url) => writeFileSync(file, text(url), { mode: 0o600 }),
        release: () => rmSync(file, { force: true }),
      };
    } catch (error) {
      if (!isExisting(error)) throw error;
    }
    const holder = readHolder(file);
    if (holder !== null) return holder;
    setAside(file);
  }
  throw new Error(`The lock ${file} cannot be taken`);
}

/** The live holder of the lock, or null. */
export function readHolder(file: string): Holder | null {
  try {
    const holder = Holder.parse(JSON.parse(readFileSync(file, 'utf8')));
    return isAlive(holder.identity) ? holder : null;
  } catch {
    return null;
  }
}

/** Two starts may find the same dead lock: whoever moved a live one aside by a hair's breadth puts it back. */
function setAside(file: string): void {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (readHolder(aside) === null) rmSync(aside, { force: true });
  else renameSync(aside, file);
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}
