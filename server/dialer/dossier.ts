/** What an agent sees of the person on the line, where it did not come with the reservation: of callers, and of calls taken over. */
import type { Kysely } from 'kysely';
import { readDebtorFile } from '../debtors/file.ts';
import type { Schema } from '../kernel/schema.ts';
import { readGuidance } from '../queue/guidance.ts';
import { changed } from './desks.ts';
import type { Call, Floor } from './floor.ts';

/** A person's file, and what the rules of their places ask; null for nobody. Throws what the database throws. */
export async function readDossier(database: Kysely<Schema>, partyId: string): Promise<Pick<Call, 'file' | 'guidance'>> {
  return { file: await readDebtorFile(database, partyId), guidance: await readGuidance(database, partyId) };
}

/** Reads the guidance of a call that another process reserved; the console gets it when it is there. */
export function learnGuidance(floor: Floor, call: Call): void {
  if (call.guidance !== null || call.partyId === null) return;
  readGuidance(floor.database, call.partyId)
    .then((guidance) => {
      call.guidance = guidance;
      if (call.desk?.call === call && call.state !== 'ended') changed(floor, call.desk);
    })
    .catch((error: unknown) => floor.log.warn({ err: error }, 'guidance could not be read'));
}
