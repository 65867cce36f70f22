import { renameSync, writeFileSync } from 'node:fs';

/** Writes a file that only its owner reads, whole or not at all: a reader never meets half of it. */
export function writeFileAtomically(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
}
