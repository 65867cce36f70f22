import { sql } from 'kysely';
import type { Settings } from '../config.ts';
import type { Database } from '../kernel/database.ts';
import { TRUNK_NAME } from './services.ts';

/**
 * Writes the trunk of the settings into the database. A demo trunk is armed; a real one is disarmed when it is new or
 * leads elsewhere than before, until an admin arms it after a test call.
 */
export async function recordTrunk(database: Database, settings: Settings, uri: string): Promise<void> {
  const kind = settings.TRUNK_KIND ?? 'demo';
  const values = { kind, uri, channel_limit: settings.TRUNK_CHANNELS, calls_per_second: String(settings.TRUNK_CALLS_PER_SECOND) };
  await sql`
    insert into trunk (name, kind, uri, armed, channel_limit, calls_per_second)
    values (${TRUNK_NAME}, ${values.kind}, ${values.uri}, ${kind === 'demo'}, ${values.channel_limit}, ${values.calls_per_second})
    on conflict (name) do update set
      armed = excluded.kind = 'demo' or (trunk.armed and trunk.kind = excluded.kind and trunk.uri = excluded.uri),
      kind = excluded.kind, uri = excluded.uri, channel_limit = excluded.channel_limit,
      calls_per_second = excluded.calls_per_second, updated_at = clock_timestamp()`.execute(database);
}
