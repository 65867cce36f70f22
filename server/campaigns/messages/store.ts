import { sql, type Kysely } from 'kysely';
import { LANGUAGES, type Language } from '../../contract/people.ts';
import type { CampaignMessages, MessageVersion } from '../../contract/messages.ts';
import type { Schema } from '../../kernel/schema.ts';

type Store = Kysely<Schema>;
type Versions = { language: Language; versions: Omit<MessageVersion, 'missing'>[] }[];

/** A campaign's recordings by language, newest first. */
export async function listMessages(database: Store, campaignId: string): Promise<Versions> {
  const rows = await database
    .selectFrom('campaign_message as message')
    .innerJoin('app_user', 'app_user.id', 'message.uploaded_by')
    .select([
      'message.id',
      'message.language',
      'message.version',
      'message.file_name',
      'message.duration_ms',
      'message.uploaded_at',
      'message.in_force',
      'app_user.display_name',
    ])
    .where('message.campaign_id', '=', campaignId)
    .orderBy('message.version', 'desc')
    .execute();
  return LANGUAGES.map((language) => ({
    language,
    versions: rows
      .filter((row) => row.language === language)
      .map((row) => ({
        id: row.id,
        version: row.version,
        fileName: row.file_name,
        durationMs: row.duration_ms,
        uploadedAt: row.uploaded_at.toString(),
        by: row.display_name,
        inForce: row.in_force,
      })),
  }));
}

/** The recordings that speak now, of every campaign that has some. */
export function readMessagesInForce(database: Store): Promise<{ id: string; campaign_id: string; language: Language }[]> {
  return database.selectFrom('campaign_message').select(['id', 'campaign_id', 'language']).where('in_force', '=', true).execute();
}

/** Which campaign and language a recording is of, or null. */
export async function readMessage(
  database: Store,
  id: string,
): Promise<{ campaignId: string; language: Language; version: number } | null> {
  const row = await database
    .selectFrom('campaign_message')
    .select(['campaign_id', 'language', 'version'])
    .where('id', '=', id)
    .executeTakeFirst();
  return row ? { campaignId: row.campaign_id, language: row.language, version: row.version } : null;
}

/** Writes the next version of a language's recording, which does not speak yet; the caller holds the campaign's lock. */
export async function insertMessage(
  transaction: Store,
  message: {
    id: string;
    campaignId: string;
    language: Language;
    fileName: string;
    sha256: string;
    durationMs: number;
    userId: string;
  },
): Promise<number> {
  const { campaignId, language } = message;
  const { version } = await transaction
    .insertInto('campaign_message')
    .values({
      id: message.id,
      campaign_id: campaignId,
      language,
      version: sql<number>`(select coalesce(max(version), 0) + 1 from campaign_message where campaign_id = ${campaignId} and language = ${language})`,
      file_name: message.fileName,
      sha256: message.sha256,
      duration_ms: message.durationMs,
      uploaded_by: message.userId,
    })
    .returning('version')
    .executeTakeFirstOrThrow();
  return version;
}

/** Has one recording of a language speak, or none of them; the caller holds the campaign's lock. */
export async function putInForce(
  transaction: Store,
  { campaignId, language, id }: { campaignId: string; language: Language; id: string | null },
): Promise<void> {
  const own = transaction.updateTable('campaign_message').where('campaign_id', '=', campaignId).where('language', '=', language);
  // The old one first: two at once would break the index.
  await own.set({ in_force: false }).where('in_force', '=', true).execute();
  if (id !== null) await own.set({ in_force: true }).where('id', '=', id).execute();
}

/** The state of a campaign's messages with what their files are like. */
export function withFiles(languages: Versions, optOutKey: string | null, isThere: (id: string) => boolean): CampaignMessages {
  return {
    optOutKey,
    languages: languages.map(({ language, versions }) => ({
      language,
      versions: versions.map((version) => ({ ...version, missing: !isThere(version.id) })),
    })),
  };
}
