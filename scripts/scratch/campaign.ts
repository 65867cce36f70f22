import {
  campaignRow,
  DEFAULT_CAMPAIGN_SETTINGS,
  type CampaignRow,
  type CampaignSettings,
} from '../../server/contract/campaigns.ts';
import { importRow, type ImportRow } from '../../server/contract/imports.ts';
import { waitUntil } from '../../server/machine/process.ts';
import { TRUNK_NAME } from '../../server/machine/services.ts';
import type { Client } from '../robots/client.ts';
import { LIST_COUNTRY, LIST_PROFILE } from './list.ts';

const IMPORT_LIMIT_MS = 60_000;

/** Settings that let a measurement run at any hour and call nobody twice. */
export function scratchSettings(change: Partial<CampaignSettings>): CampaignSettings {
  return {
    ...DEFAULT_CAMPAIGN_SETTINGS,
    trunk: TRUNK_NAME,
    countries: [LIST_COUNTRY],
    hours: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '24:00' }],
    caps: { personPerDay: 1, personPerWeek: 1, debtPerWeek: 1, minutesBetween: 1_440 },
    ...change,
  };
}

/** Makes a campaign and puts a list into it, through the public interface. Throws when a row of the list is not taken. */
export async function layCampaign(admin: Client, name: string, settings: CampaignSettings, list: string): Promise<CampaignRow> {
  const reason = 'Settings of a measurement on the demo carrier';
  const campaign = await admin.send('POST', '/api/v1/campaigns', { name, settings, reason }, campaignRow);
  const form = new FormData();
  form.set('campaignId', campaign.id);
  form.set('profile', LIST_PROFILE);
  form.set('file', new Blob([list], { type: 'text/csv' }), `${name}.csv`);
  let row: ImportRow = await admin.upload('/api/v1/imports', form, importRow);
  const ended = await waitUntil(
    async () => {
      row = await admin.get(`/api/v1/imports/${row.id}`, importRow);
      return row.state === 'done' || row.state === 'failed';
    },
    IMPORT_LIMIT_MS,
    100,
  );
  if (!ended || row.state === 'failed')
    throw new Error(`the list of ${name} was not imported: ${JSON.stringify(row.error ?? row.state)}`);
  if (row.result === null || row.result.rejected > 0)
    throw new Error(`the list of ${name} has bad rows: ${JSON.stringify(row.result)}`);
  return campaign;
}

/** Starts or pauses a campaign. */
export function moveCampaign(admin: Client, id: string, move: 'start' | 'pause'): Promise<CampaignRow> {
  return admin.send('POST', `/api/v1/campaigns/${id}/${move}`, {}, campaignRow);
}
