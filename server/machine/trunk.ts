import { hash, scryptSync } from 'node:crypto';
import { sql } from 'kysely';
import type { Settings } from '../config.ts';
import type { Database } from '../kernel/database.ts';
import { record } from '../kernel/history.ts';
import { numberFormatOf } from './plan.ts';
import { TRUNK_NAME } from './services.ts';

/**
 * Writes the trunk of the settings into the database. A demo trunk is armed; a real one is disarmed when it is new or anything
 * about it is set otherwise than before, until an admin arms it after a test call.
 */
export async function recordTrunk(database: Database, settings: Settings, uri: string): Promise<void> {
  const kind = settings.TRUNK_KIND ?? 'demo';
  const { TRUNK_CHANNELS: channels, TRUNK_CALLS_PER_SECOND: callsPerSecond } = settings;
  const account = accountDigest(settings, uri);
  await database.transaction().execute(async (transaction) => {
    const before = await transaction
      .selectFrom('trunk')
      .select('armed')
      .where('name', '=', TRUNK_NAME)
      .forUpdate()
      .executeTakeFirst();
    const { rows } = await sql<{ armed: boolean }>`
      insert into trunk (name, kind, uri, armed, channel_limit, calls_per_second, account_digest)
      values (${TRUNK_NAME}, ${kind}, ${uri}, ${kind === 'demo'}, ${channels}, ${callsPerSecond}, ${account})
      on conflict (name) do update set
        armed = excluded.kind = 'demo' or (trunk.armed and trunk.kind = excluded.kind and trunk.uri = excluded.uri
          and trunk.channel_limit = excluded.channel_limit and trunk.calls_per_second = excluded.calls_per_second
          and coalesce(trunk.account_digest, excluded.account_digest) = excluded.account_digest),
        kind = excluded.kind, uri = excluded.uri, channel_limit = excluded.channel_limit,
        calls_per_second = excluded.calls_per_second, account_digest = excluded.account_digest, updated_at = clock_timestamp()
      returning armed`.execute(transaction);
    if (before?.armed !== true || rows[0]?.armed !== false) return;
    await record(transaction, [
      { kind: 'trunk.disarmed', subject: 'trunk', subjectId: TRUNK_NAME, actor: 'start', body: { reason: 'settings_changed' } },
    ]);
  });
}

/** Stands for the settings of a trunk that no column holds. The password is drawn out, so that nobody guesses it from here. */
function accountDigest(settings: Settings, uri: string): string {
  const password = settings.TRUNK_PASSWORD === undefined ? null : scryptSync(settings.TRUNK_PASSWORD, uri, 32).toString('hex');
  return hash('sha256', JSON.stringify([settings.TRUNK_USER, password, settings.TRUNK_REGISTER, numberFormatOf(settings)]));
}
