import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from './file.ts';

const Secrets = z.object({
  postgres: z.string(),
  redis: z.string(),
  ari: z.string(),
  ami: z.string(),
  /** Key from which the SIP passwords of stations are derived. */
  station: z.string(),
  /** Password of the demo accounts. */
  demo: z.string(),
});
export type Secrets = z.infer<typeof Secrets>;

/** Reads the installation's secrets, making those that are missing; the file is readable by its owner alone. */
export function readSecrets(file: string): Secrets {
  const known: Record<string, unknown> = existsSync(file)
    ? z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(file, 'utf8')))
    : {};
  const made = Object.fromEntries(Object.keys(Secrets.shape).map((name) => [name, known[name] ?? fresh(name)]));
  const secrets = Secrets.parse(made);
  if (Object.keys(secrets).some((name) => !(name in known))) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileAtomically(file, `${JSON.stringify(secrets, null, 2)}\n`);
  }
  return secrets;
}

/** A demo password is typed by people; everything else by programs only. */
function fresh(name: string): string {
  return name === 'demo' ? `demo-${randomBytes(4).toString('hex')}` : randomBytes(24).toString('hex');
}
