import { keepPreviousData, QueryClient, queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import {
  campaignRow,
  type CampaignRow,
  type CampaignSettings,
  type ChangeCampaignBody,
  type CreateCampaignBody,
} from '../../../server/contract/campaigns.ts';
import {
  testCallReport,
  trunkRow,
  type TestCallBody,
  type TestCallReport,
  type TrunkRow,
} from '../../../server/contract/trunks.ts';
import { importPreview, importRow, type ImportRow } from '../../../server/contract/imports.ts';
import {
  scorecardState,
  scorePreview,
  type SaveScorecardBody,
  type Scorecard,
  type ScorecardState,
} from '../../../server/contract/scoring.ts';
import { pacingTrial, type PacingTrial } from '../../../server/contract/pacing-trial.ts';
import { campaignMessages } from '../../../server/contract/messages.ts';
import {
  userRow,
  type ChangeUserBody,
  type CreateUserBody,
  type UserRow,
  type Language,
} from '../../../server/contract/people.ts';
import { ask } from '../connection/http.ts';

/** What admins' pages have asked the server; kept for a moment, refreshed when a page is looked at again. */
export const queries = new QueryClient({
  defaultOptions: { queries: { staleTime: 5_000, retry: 1, refetchOnWindowFocus: true }, mutations: { retry: false } },
});

export const campaignsQuery = queryOptions({
  queryKey: ['campaigns'],
  queryFn: () => ask('GET', '/campaigns', z.array(campaignRow)),
  refetchInterval: 10_000,
});
export const trunksQuery = queryOptions({ queryKey: ['trunks'], queryFn: () => ask('GET', '/trunks', z.array(trunkRow)) });
export const usersQuery = queryOptions({ queryKey: ['users'], queryFn: () => ask('GET', '/users', z.array(userRow)) });
export const importsQuery = queryOptions({
  queryKey: ['imports'],
  queryFn: () => ask('GET', '/imports', z.array(importRow)),
  // The socket tells each step; this is for a line that was lost.
  refetchInterval: 10_000,
});

/** One campaign, as the editor begins with it. */
export function campaignQuery(id: string) {
  return queryOptions({ queryKey: ['campaigns', id], queryFn: () => ask('GET', `/campaigns/${id}`, campaignRow) });
}

/** How a campaign's debtors stand, kept fresh apart from the settings, which an editor begins with and keeps. */
export function standingQuery(id: string) {
  return queryOptions({
    queryKey: ['campaigns', id, 'standing'],
    queryFn: async () => (await ask('GET', `/campaigns/${id}`, campaignRow)).callable,
    refetchInterval: 10_000,
  });
}

function keepCampaign(row: CampaignRow): CampaignRow {
  queries.setQueryData(campaignQuery(row.id).queryKey, row);
  queries.setQueryData(campaignsQuery.queryKey, (rows) => {
    if (!rows) return rows;
    return rows.some((one) => one.id === row.id) ? rows.map((one) => (one.id === row.id ? row : one)) : [...rows, row];
  });
  return row;
}

const RESCORE_LOOK_MS = 1_500;

/** A campaign's scorecard with its versions; looked at again and again while debtors are being scored by it. */
export function scorecardQuery(id: string) {
  return queryOptions({
    queryKey: ['campaigns', id, 'scorecard'],
    queryFn: () => ask('GET', `/campaigns/${id}/scorecard`, scorecardState),
    refetchInterval: ({ state: { data } }) => (data?.rescore && data.rescore.state !== 'done' ? RESCORE_LOOK_MS : false),
  });
}

/** What a scorecard would change. */
export function scorePreviewQuery(id: string, scorecard: Scorecard) {
  return queryOptions({
    queryKey: ['campaigns', id, 'scorecard', 'preview', scorecard],
    queryFn: () => ask('POST', `/campaigns/${id}/scorecard/preview`, scorePreview, { body: { scorecard } }),
    placeholderData: keepPreviousData,
  });
}

/** Saves a scorecard as the next version; refused when somebody else did meanwhile. */
export async function saveScorecard(id: string, body: SaveScorecardBody): Promise<ScorecardState> {
  const state = await ask('PUT', `/campaigns/${id}/scorecard`, scorecardState, { body });
  queries.setQueryData(scorecardQuery(id).queryKey, state);
  return state;
}

/** The recordings that callers hear whom nobody could take in time. */
export function messagesQuery(id: string) {
  return queryOptions({
    queryKey: ['campaigns', id, 'messages'],
    queryFn: () => ask('GET', `/campaigns/${id}/messages`, campaignMessages),
  });
}

/** Saves a recording as the next version, which speaks from now on; refused by the name of what is wrong with it. */
export async function uploadMessage(id: string, language: Language, file: File): Promise<void> {
  const form = new FormData();
  form.set('file', file);
  queries.setQueryData(
    messagesQuery(id).queryKey,
    await ask('POST', `/campaigns/${id}/messages/${language}`, campaignMessages, { form }),
  );
}

/** Has an earlier recording speak again, or (null) the one that comes with Wusul. */
export async function chooseMessage(id: string, language: Language, messageId: string | null): Promise<void> {
  queries.setQueryData(
    messagesQuery(id).queryKey,
    await ask('PUT', `/campaigns/${id}/messages/${language}`, campaignMessages, { body: { messageId } }),
  );
}

/** Makes a campaign; it starts as a draft. */
export async function createCampaign(body: CreateCampaignBody): Promise<CampaignRow> {
  return keepCampaign(await ask('POST', '/campaigns', campaignRow, { body }));
}

/** Changes a campaign; refused when somebody else did meanwhile. */
export async function changeCampaign(id: string, body: ChangeCampaignBody): Promise<CampaignRow> {
  return keepCampaign(await ask('PUT', `/campaigns/${id}`, campaignRow, { body }));
}

/** Starts, pauses or ends a campaign; a refusal names the setting that stands in the way. */
export async function moveCampaign(id: string, move: 'start' | 'pause' | 'end'): Promise<CampaignRow> {
  return keepCampaign(await ask('POST', `/campaigns/${id}/${move}`, campaignRow));
}

/** Sets who may serve a campaign. */
export async function setCampaignAgents(id: string, userIds: readonly string[]): Promise<CampaignRow> {
  const row = await ask('PUT', `/campaigns/${id}/agents`, campaignRow, { body: { userIds } });
  await queries.invalidateQueries({ queryKey: usersQuery.queryKey });
  return keepCampaign(row);
}

const TRIAL_LOOK_MS = 700;

/** Where trials are asked for: of a campaign, or (null) of one that is still to be made. */
function trialsPath(campaignId: string | null): string {
  return campaignId === null ? '/pacing/trials' : `/campaigns/${campaignId}/pacing/trials`;
}

/** A trial of pacing settings, looked at until it is over; null while none was asked for. */
export function trialQuery(campaignId: string | null, trialId: string | null) {
  return queryOptions({
    queryKey: ['campaigns', campaignId, 'trial', trialId],
    enabled: trialId !== null,
    queryFn: () => ask('GET', `${trialsPath(campaignId)}/${trialId}`, pacingTrial),
    refetchInterval: ({ state: { data } }) =>
      data === undefined || data.state === 'queued' || data.state === 'running' ? TRIAL_LOOK_MS : false,
  });
}

/** Asks for settings to be tried on a simulated floor. */
export async function askForTrial(campaignId: string | null, settings: CampaignSettings): Promise<PacingTrial> {
  const trial = await ask('POST', trialsPath(campaignId), pacingTrial, { body: { settings } });
  queries.setQueryData(trialQuery(campaignId, trial.id).queryKey, trial);
  return trial;
}

/** Gives a trial up. */
export async function cancelTrial(campaignId: string | null, trialId: string): Promise<void> {
  const trial = await ask('POST', `${trialsPath(campaignId)}/${trialId}/cancel`, pacingTrial);
  queries.setQueryData(trialQuery(campaignId, trialId).queryKey, trial);
}

/** Arms or disarms a trunk. */
export async function armTrunk(name: string, armed: boolean): Promise<TrunkRow> {
  return keepTrunk(await ask('POST', `/trunks/${encodeURIComponent(name)}/${armed ? 'arm' : 'disarm'}`, trunkRow));
}

function keepTrunk(row: TrunkRow): TrunkRow {
  queries.setQueryData(trunksQuery.queryKey, (rows) => rows?.map((one) => (one.name === row.name ? row : one)));
  return row;
}

const TEST_CALL_LOOK_MS = 1_000;

/** The last test call of a trunk; looked at again and again while it is under way. */
export function testCallQuery(name: string) {
  return queryOptions({
    queryKey: ['trunks', name, 'test-call'],
    queryFn: async () => keepReport(await ask('GET', `/trunks/${encodeURIComponent(name)}/test-call`, testCallReport)),
    refetchInterval: ({ state }) => {
      const test = state.data?.test;
      return test && test.state !== 'ended' ? TEST_CALL_LOOK_MS : false;
    },
  });
}

/** Has a telephone called over a trunk. */
export async function askTestCall(name: string, body: TestCallBody): Promise<void> {
  keepReport(await ask('POST', `/trunks/${encodeURIComponent(name)}/test-call`, testCallReport, { body }));
}

function keepReport(report: TestCallReport): TestCallReport {
  keepTrunk(report.trunk);
  queries.setQueryData(testCallQuery(report.trunk.name).queryKey, report);
  return report;
}

function keepUser(row: UserRow): UserRow {
  queries.setQueryData(usersQuery.queryKey, (rows) => {
    if (!rows) return rows;
    return rows.some((one) => one.id === row.id) ? rows.map((one) => (one.id === row.id ? row : one)) : [...rows, row];
  });
  return row;
}

/** Adds a person; refused when the sign-in name is taken. */
export async function createUser(body: CreateUserBody): Promise<UserRow> {
  return keepUser(await ask('POST', '/users', userRow, { body }));
}

/** Changes a person; what is left out stays. */
export async function changeUser(id: string, body: ChangeUserBody): Promise<UserRow> {
  return keepUser(await ask('PATCH', `/users/${id}`, userRow, { body }));
}

/** Ends every sign-in session of a user; returns how many there were. */
export async function revokeUser(id: string): Promise<number> {
  return (await ask('POST', `/users/${id}/revoke`, z.object({ sessions: z.number().int() }))).sessions;
}

/** Sends a list; the answer is its place in the queue of imports. */
export async function startImport(form: FormData): Promise<ImportRow> {
  return keepImport(await ask('POST', '/imports', importRow, { form }));
}

/** How much of a text file tells what it looks like; a workbook is sent whole. */
const PREVIEW_BYTES = 256 * 1_024;

/** What a list looks like before it is brought in, asked anew when the file or a setting that matters changes. */
export function previewQuery(
  file: File | null,
  draft: {
    kind: 'list' | 'changes';
    profile: string;
    /** An own profile, and which version of it. */
    profileId: string | null;
    version: number;
    calendar: string;
    decimal: string;
    encoding: string;
  },
) {
  const { kind, profile, profileId, version, calendar, decimal, encoding } = draft;
  const about = JSON.stringify([file?.name, file?.size, file?.lastModified, kind]);
  return queryOptions({
    queryKey: ['import-preview', about, profile, profileId, version, calendar, decimal, encoding],
    enabled: file !== null,
    // What stands below it is filled in meanwhile, and stays while the same file is looked at in another way.
    placeholderData: (before, query) => (query?.queryKey[1] === about ? before : undefined),
    retry: false,
    queryFn: () => {
      if (file === null) throw new TypeError('No file to look at');
      const form = new FormData();
      if (profile !== '') form.set('profile', profile);
      if (profileId !== null) form.set('profileId', profileId);
      const own = profile === '' ? { decimal, ...(calendar !== '' && { calendar }), ...(encoding !== '' && { encoding }) } : {};
      form.set('options', JSON.stringify({ kind, ...own }));
      form.set('file', /\.xlsx$/i.test(file.name) ? file : file.slice(0, PREVIEW_BYTES), file.name);
      return ask('POST', '/imports/preview', importPreview, { form });
    },
  });
}

/** Asks to take an import back; the list on screen says so once it has happened. */
export async function undoImport(id: string): Promise<ImportRow> {
  return keepImport(await ask('POST', `/imports/${id}/undo`, importRow));
}

/** Puts news of an import into the list on screen. */
export function keepImport(row: ImportRow): ImportRow {
  queries.setQueryData(importsQuery.queryKey, (rows) => {
    if (!rows) return rows;
    return rows.some((one) => one.id === row.id) ? rows.map((one) => (one.id === row.id ? row : one)) : [row, ...rows];
  });
  return row;
}
