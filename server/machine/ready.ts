import { rmSync } from 'node:fs';
import { writeFileAtomically } from './file.ts';

/** A demo account as it is printed and recorded. */
export interface Account {
  role: string;
  user: string;
  password: string;
}

/** What `.runtime/ready.json` tells whoever works with a running Wusul. It holds passwords: its owner alone may read it. */
export interface Ready {
  url: string;
  ports: Partial<Record<'http' | 'sip' | 'ari' | 'ami' | 'postgres' | 'redis', number>>;
  pids: Record<string, number>;
  databaseUrl: string;
  accounts: Account[];
}

/** Writes the file whole. */
export function writeReady(file: string, ready: Ready): void {
  writeFileAtomically(file, `${JSON.stringify(ready, null, 2)}\n`);
}

/** Takes the file away: Wusul is no longer ready. */
export function removeReady(file: string): void {
  rmSync(file, { force: true });
}
