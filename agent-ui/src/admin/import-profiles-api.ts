import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import {
  importProfile,
  type ChangeProfileBody,
  type ImportProfile,
  type SaveProfileBody,
} from '../../../server/contract/import-profiles.ts';
import { ask } from '../connection/http.ts';
import { queries } from './api.ts';

const profiles = z.array(importProfile);

/** The profiles that admins keep. */
export const profilesQuery = queryOptions({
  queryKey: ['import-profiles'],
  queryFn: () => ask('GET', '/import-profiles', profiles),
});

function keep(all: ImportProfile[]): ImportProfile[] {
  queries.setQueryData(profilesQuery.queryKey, all);
  return all;
}

/** Keeps a new profile; refused by the name of what is wrong or missing. */
export async function saveProfile(body: SaveProfileBody): Promise<ImportProfile[]> {
  return keep(await ask('POST', '/import-profiles', profiles, { body }));
}

/** Saves a profile's next version; refused when somebody else did meanwhile. */
export async function changeProfile(id: string, body: ChangeProfileBody): Promise<ImportProfile[]> {
  return keep(await ask('PUT', `/import-profiles/${id}`, profiles, { body }));
}

/** Deletes a profile. */
export async function deleteProfile(id: string): Promise<ImportProfile[]> {
  return keep(await ask('DELETE', `/import-profiles/${id}`, profiles));
}
