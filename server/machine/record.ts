import { existsSync, readFileSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { writeFileAtomically } from './file.ts';
import { endProcess, isAlive, killProcess, ProcessIdentity } from './process.ts';

const Entries = z.array(z.object({ name: z.string(), identity: ProcessIdentity }));
const GRACE_MS = 3_000;

/** The processes that a supervisor started, on disk, so that those of one that was killed can be found and ended. */
export interface ProcessRecord {
  add(name: string, identity: ProcessIdentity): void;
  remove(name: string): void;
  /** Ends what is still alive of the recorded processes, last started first, and forgets all; returns their names. */
  endAll(): Promise<string[]>;
  /** Kills what is still alive of them, waiting for none. */
  killAll(): void;
}

/** Opens the record in `file`; a damaged or missing one counts as empty. */
export function openProcessRecord(file: string): ProcessRecord {
  let entries = readEntries(file);
  function write(): void {
    if (entries.length === 0) rmSync(file, { force: true });
    else writeFileAtomically(file, `${JSON.stringify(entries, null, 2)}\n`);
  }
  return {
    add(name, identity) {
      entries = [...entries.filter((entry) => entry.name !== name), { name, identity }];
      write();
    },
    remove(name) {
      entries = entries.filter((entry) => entry.name !== name);
      write();
    },
    async endAll() {
      const alive = entries.toReversed().filter(({ identity }) => isAlive(identity));
      for (const { identity } of alive) await endProcess(identity, 'SIGTERM', GRACE_MS);
      entries = [];
      write();
      return alive.map(({ name }) => name);
    },
    killAll() {
      for (const { identity } of entries) killProcess(identity);
      entries = [];
      write();
    },
  };
}

function readEntries(file: string): z.infer<typeof Entries> {
  if (!existsSync(file)) return [];
  try {
    return Entries.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return [];
  }
}
