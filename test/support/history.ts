import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createPublicKey } from 'node:crypto';
import { record } from '../../server/kernel/history.ts';
import type { Database } from '../../server/kernel/database.ts';
import { auditHistory, type AuditResult } from '../../server/kernel/seal/audit.ts';
import type { ExportedHead } from '../../server/kernel/seal/heads.ts';
import { keyName } from '../../server/kernel/seal/keys.ts';
import { Sealer } from '../../server/kernel/seal/sealer.ts';

/** Writes `count` events, `at` as given or now, and returns their ids in order. */
export async function writeEvents(database: Database, count: number, kind: string, at?: string): Promise<bigint[]> {
  await record(
    database,
    Array.from({ length: count }, (_, step) => ({
      kind,
      subject: 'attempt',
      subjectId: `attempt-${step}`,
      actor: 'test',
      body: { step, reasons: ['open'], share: 0.25 },
      ...(at === undefined ? {} : { at: Temporal.Instant.from(at) }),
    })),
  );
  const rows = await database.selectFrom('event').select('id').where('kind', '=', kind).orderBy('id').execute();
  return rows.map((row) => row.id ?? 0n);
}

/** Seals everything that is written and committed; fails after ten rounds that leave something. */
export async function sealAll(database: Database): Promise<number> {
  return database.connection().execute(async (connection) => {
    const sealer = new Sealer(connection);
    let sealed = 0;
    for (let round = 0; round < 10; round += 1) {
      const count = await sealer.round();
      sealed += count;
      if (count === 0 && round > 0) return sealed;
    }
    throw new Error('The sealer found more in each round');
  });
}

/** A key pair of a test, and the map by which its heads are trusted. */
export function testKey(): { key: KeyObject; keys: Map<string, KeyObject> } {
  const { privateKey } = generateKeyPairSync('ed25519');
  const publicKey = createPublicKey(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return { key: privateKey, keys: new Map([[keyName(publicKey), publicKey]]) };
}

/** Audits everything. */
export function audit(
  database: Database,
  keys: ReadonlyMap<string, KeyObject> = new Map(),
  exported: readonly { file: string; head: ExportedHead | null }[] = [],
): Promise<AuditResult> {
  return auditHistory({ database, keys, exported });
}
