/** Profiles that admins keep: how a creditor's files are read, by name, each change a version. */
import { createHash } from 'node:crypto';
import { sql, type Kysely } from 'kysely';
import { z } from 'zod';
import { LIST_FIELDS, type ImportPreview } from '../../contract/imports.ts';
import { profileSettings, type ImportProfile, type ProfileSettings } from '../../contract/import-profiles.ts';
import { Refusal } from '../../kernel/errors.ts';
import { record } from '../../kernel/history.ts';
import type { Schema } from '../../kernel/schema.ts';
import { refuse } from './faults.ts';
import { foldHeader } from './headers.ts';
import { ensureCreditor } from './imports.ts';
import { previewList, type FilePreview } from './list.ts';
import { PROFILES, readOptions, resolveFormat, type ListOptions } from './profiles.ts';

/** What is kept of a profile beside its name. */
const profileBody = z.object({ creditor: z.string().nullable(), settings: profileSettings });
type ProfileBody = z.infer<typeof profileBody>;

export interface ProfileToSave {
  name: string;
  creditor: string | null;
  /** The shipped profile that holds where the settings say nothing. */
  base: string | null;
  settings: ProfileSettings;
  /** Of the file it was made from. */
  header: readonly string[];
  userId: string;
}

/** An own profile that a file is read by. */
export interface OwnProfile extends ProfileBody {
  id: string;
  version: number;
  name: string;
}

/** What is equal for headers of the same columns, in whatever order and spelling. */
export function headerFingerprint(header: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify(header.map(foldHeader).toSorted()))
    .digest('hex');
}

/** All own profiles by name, with who made each version. */
export async function listOwnProfiles(database: Kysely<Schema>): Promise<ImportProfile[]> {
  const rows = await database
    .selectFrom('import_profile')
    .select(['id', 'name', 'version', 'body'])
    .where('deleted_at', 'is', null)
    .orderBy(sql`lower(name)`)
    .execute();
  const made = await database
    .selectFrom('import_profile_version as made')
    .innerJoin('import_profile as profile', 'profile.id', 'made.profile_id')
    .leftJoin('app_user as u', 'u.id', 'made.changed_by')
    .select(['made.profile_id', 'made.version', 'made.name', 'made.changed_at', 'u.display_name'])
    .where('profile.deleted_at', 'is', null)
    .orderBy('made.version', 'desc')
    .execute();
  const versionsOf = Map.groupBy(made, (version) => version.profile_id);
  return rows.map(({ id, name, version, body }) => {
    const versions = (versionsOf.get(id) ?? []).map((each) => ({
      version: each.version,
      name: each.name,
      by: each.display_name,
      at: each.changed_at.toString({ fractionalSecondDigits: 3 }),
    }));
    const [last, ...before] = versions;
    return {
      id,
      name,
      version,
      ...profileBody.parse(body),
      changedBy: last?.by ?? null,
      changedAt: last?.at ?? '',
      versions: before,
    };
  });
}

/** The own profile of an id or a name; throws `import_unknown_profile`, whose words tell which there are. */
export async function findOwnProfile(database: Kysely<Schema>, by: { id: string } | { name: string }): Promise<OwnProfile> {
  const row = await database
    .selectFrom('import_profile')
    .select(['id', 'name', 'version', 'body'])
    .where('deleted_at', 'is', null)
    .$if('id' in by, (query) => query.where('id', '=', 'id' in by ? by.id : ''))
    .$if('name' in by, (query) => query.where(sql`lower(name)`, '=', 'name' in by ? by.name.toLowerCase() : ''))
    .executeTakeFirst();
  if (row) return { id: row.id, name: row.name, version: row.version, ...profileBody.parse(row.body) };
  const own = await database
    .selectFrom('import_profile')
    .select('name')
    .where('deleted_at', 'is', null)
    .orderBy('name')
    .execute();
  const known = [...Object.keys(PROFILES), ...own.map((profile) => profile.name)].join(', ');
  throw refuse(
    'import_unknown_profile',
    `Unknown profile ${'name' in by ? JSON.stringify(by.name) : ''}; there are ${known}`,
    'profile',
  );
}

/** The own profile that was made from a file with such a header, the last one changed, or null. */
export async function profileOfHeader(
  database: Kysely<Schema>,
  header: readonly string[],
): Promise<{ id: string; name: string } | null> {
  const row = await database
    .selectFrom('import_profile')
    .select(['id', 'name'])
    .where('deleted_at', 'is', null)
    .where('fingerprint', '=', headerFingerprint(header))
    .orderBy('changed_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

/**
 * Keeps a profile under a name, as its first version or (`change`) the next one. Returns its id. Throws what `readOptions` and `resolveFormat`
 * throw where the settings are not valid or not complete, `profile_exists` for a name that is taken, `unknown_profile`, and `stale_version`
 * where somebody else changed it meanwhile.
 */
export function saveOwnProfile(
  database: Kysely<Schema>,
  profile: ProfileToSave,
  change: { id: string; version: number } | null = null,
): Promise<string> {
  const { name, creditor, base, header, userId } = profile;
  const settings = { ...(base === null ? {} : PROFILES[base]), ...profile.settings } as ProfileSettings;
  resolveFormat(null, readOptions(JSON.stringify(settings)));
  const body = JSON.stringify({ creditor, settings });
  return database.transaction().execute(async (transaction) => {
    const taken = await transaction
      .selectFrom('import_profile')
      .select('id')
      .where('deleted_at', 'is', null)
      .where(sql`lower(name)`, '=', name.toLowerCase())
      .executeTakeFirst();
    if (Object.hasOwn(PROFILES, name) || (taken && taken.id !== change?.id)) {
      throw new Refusal('profile_exists', 'There is a profile of this name already.', { field: 'name', status: 409 });
    }
    const written = { name, body, fingerprint: headerFingerprint(header), changed_by: userId };
    const { id, version } =
      change === null
        ? await transaction.insertInto('import_profile').values(written).returning(['id', 'version']).executeTakeFirstOrThrow()
        : await nextVersion(transaction, change, written);
    await transaction
      .insertInto('import_profile_version')
      .values({ profile_id: id, version, name, body, changed_by: userId })
      .execute();
    const event = { kind: 'import_profile.saved', subject: 'import_profile', subjectId: id, actor: userId };
    await record(transaction, [{ ...event, body: { version, name, creditor, settings } }]);
    return id;
  });
}

async function nextVersion(
  transaction: Kysely<Schema>,
  { id, version }: { id: string; version: number },
  written: { name: string; body: string; fingerprint: string; changed_by: string },
): Promise<{ id: string; version: number }> {
  const row = await transaction
    .updateTable('import_profile')
    .set({ ...written, version: version + 1, changed_at: sql<string>`clock_timestamp()` })
    .where('id', '=', id)
    .where('version', '=', version)
    .where('deleted_at', 'is', null)
    .returning(['id', 'version'])
    .executeTakeFirst();
  if (row) return row;
  const there = await transaction
    .selectFrom('import_profile')
    .select('id')
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  throw there
    ? new Refusal('profile_changed', 'Somebody else has changed this profile meanwhile.', { field: 'version', status: 409 })
    : unknownProfile();
}

/** Deletes a profile: imports that were read by it keep saying so, and its name is free again. Throws `unknown_profile`. */
export function deleteOwnProfile(database: Kysely<Schema>, id: string, userId: string): Promise<void> {
  return database.transaction().execute(async (transaction) => {
    const gone = await transaction
      .updateTable('import_profile')
      .set({ deleted_at: sql<string>`clock_timestamp()` })
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .returning('version')
      .executeTakeFirst();
    if (!gone) throw unknownProfile();
    const event = { kind: 'import_profile.deleted', subject: 'import_profile', subjectId: id, actor: userId };
    await record(transaction, [{ ...event, body: { version: gone.version } }]);
  });
}

function unknownProfile(): Refusal {
  return new Refusal('unknown_profile', 'There is no such profile any more.', { field: 'id', status: 404 });
}

/** An own profile's settings with single ones over them; of the columns, too, those given win field by field. */
export function withOptions(profile: OwnProfile, options: ListOptions): ListOptions {
  const own = readOptions(JSON.stringify(profile.settings));
  return { ...own, ...options, columns: { ...own.columns, ...options.columns } };
}

/**
 * What a list looks like that is read by an own profile. Columns of the profile that it lacks are told (`absent`), so that others can be chosen;
 * an import refuses them. Refusals as of `previewList` otherwise.
 */
export async function previewByOwn(path: string, given: ListOptions): Promise<FilePreview & Pick<ImportPreview, 'absent'>> {
  const columns = { ...given.columns };
  const absent: ImportPreview['absent'] = [];
  for (;;) {
    try {
      return { ...(await previewList(path, { ...given, columns })), absent };
    } catch (error) {
      const field = error instanceof Refusal ? LIST_FIELDS.find((each) => each === error.field) : undefined;
      const named = field === undefined ? undefined : columns[field];
      if (!(error instanceof Refusal) || error.code !== 'import_unknown_column' || field === undefined || named === undefined)
        throw error;
      const column = String(error.details['column']);
      absent.push({ field, column });
      const left = [named].flat().filter((name) => name !== column);
      if (left.length > 0) columns[field] = left;
      else delete columns[field];
    }
  }
}

/** Whose accounts a file read by a profile holds: the creditor it names, else the campaign's (null), else one named after the profile. */
export async function creditorOf(
  database: Kysely<Schema>,
  { name, creditor }: Pick<OwnProfile, 'name' | 'creditor'>,
  campaignId: string,
): Promise<string | null> {
  const campaign = await database
    .selectFrom('campaign')
    .select(['creditor_id', 'demo'])
    .where('id', '=', campaignId)
    .executeTakeFirst();
  if (!campaign || (creditor === null && campaign.creditor_id !== null)) return null;
  return ensureCreditor(database, creditor ?? name, campaign.demo);
}
