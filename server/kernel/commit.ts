import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The commit that the program in `root` was checked out at, or null where that cannot be known. */
export function commitOf(root: string): string | null {
  try {
    const folder = join(root, '.git');
    const head = readFileSync(join(folder, 'HEAD'), 'utf8').trim();
    const name = /^ref: (.+)$/.exec(head)?.[1];
    if (name === undefined) return head;
    if (existsSync(join(folder, name))) return readFileSync(join(folder, name), 'utf8').trim();
    const packed = readFileSync(join(folder, 'packed-refs'), 'utf8').split('\n');
    return packed.find((line) => line.endsWith(` ${name}`))?.split(' ')[0] ?? null;
  } catch {
    return null;
  }
}
