import { join } from 'node:path';

/** What Linux has room for (`sun_path`), less the ending of a lock file. */
const LONGEST_BYTES = 100;

/**
 * The path of a Unix socket in a folder, or null where it would be too long or hold what a server's configuration would misread. Such a
 * socket costs its two ends a third less than one on loopback.
 */
export function localSocket(folder: string, name: string): string | null {
  const path = join(folder, name);
  return Buffer.byteLength(path) <= LONGEST_BYTES && /^[^"',\\%\n]+$/.test(path) ? path : null;
}
