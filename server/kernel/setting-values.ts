/** What a setting's text may be, each told in words for an operator; paths are taken from the folder of package.json. */
import { existsSync } from 'node:fs';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { z } from 'zod';

const ROOT = join(import.meta.dirname, '../..');

export const address = (protocols: readonly string[]) =>
  z
    .string()
    .refine(
      (text) => protocols.includes(URL.parse(text)?.protocol ?? ''),
      `must be an address that begins with ${protocols.map((p) => `${p}//`).join(' or ')}`,
    );
export const port = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a whole number from 1 to 65535')
  .transform(Number)
  .refine((value) => value >= 1 && value <= 65_535, 'must be a whole number from 1 to 65535');
export const count = z
  .string()
  .regex(/^[1-9]\d{0,4}$/, 'must be a whole number above zero')
  .transform(Number);
export const existingFile = z
  .string()
  .refine((path) => existsSync(resolve(ROOT, path)), 'names a file that does not exist')
  .transform((path) => resolve(ROOT, path));
export const folder = z.string().transform((path) => resolve(ROOT, path));
export const host = z.string().regex(/^[A-Za-z0-9.:-]+$/, 'must be a host name or an IP address');
export const text = z.string();
export const proxies = z
  .string()
  .transform((list) => list.split(',').map((part) => part.trim()))
  .refine((parts) => parts.every(isProxy), 'must be loopback, IP addresses or networks such as 10.0.0.0/8, with commas between');

/** Sign-ins are counted by address: a proxy trusted too widely would let anybody name their own. */
function isProxy(part: string): boolean {
  const [address = '', bits, ...more] = part.split('/');
  if (part === 'loopback') return true;
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}
