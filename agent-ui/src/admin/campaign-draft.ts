import {
  createCampaignBody,
  DEFAULT_CAMPAIGN_SETTINGS,
  type CampaignSettings,
  type CreateCampaignBody,
} from '../../../server/contract/campaigns.ts';
import { RECYCLED_ENDINGS, type NextNumber, type RecycledEnding, type Recycling } from '../../../server/contract/recycling.ts';
import { settingFaultOf } from '../../../server/contract/setting-faults.ts';
import type { Problem } from '../../../server/contract/people.ts';
import type { TextKey } from '../i18n/texts.ts';

/** One window of the weekly hours while it is being edited. */
export interface HoursDraft {
  days: number[];
  from: string | null;
  to: string | null;
}

/** What one kind of ending is followed up by; null: as usual. */
export interface RecyclingDraft {
  minutes: number | null;
  most: number | null;
  number: NextNumber | null;
}

/** Settings as the form shows them: durations in seconds, shares in percent, null for an empty field. */
export interface CampaignDraft {
  name: string;
  callerId: string;
  trunk: string;
  countries: string[];
  hours: HoursDraft[];
  figures: Record<FigureName, number | null>;
  screening: CampaignSettings['screening'];
  pacingMode: CampaignSettings['pacing']['mode'];
  abandonment: CampaignSettings['abandonment'];
  after: Record<RecycledEnding, RecyclingDraft>;
  skills: string[];
  inbound: Pick<CampaignSettings['inbound'], 'answer' | 'callback' | 'voicemail'>;
}

/** Every number of the form: where it stands in the settings, and how many of the wire's units one of the form's is. */
export const FIGURES = {
  personPerDay: { path: 'caps.personPerDay', factor: 1, decimals: 0 },
  personPerWeek: { path: 'caps.personPerWeek', factor: 1, decimals: 0 },
  debtPerWeek: { path: 'caps.debtPerWeek', factor: 1, decimals: 0 },
  minutesBetween: { path: 'caps.minutesBetween', factor: 1, decimals: 0 },
  ringTimeout: { path: 'ringTimeoutMs', factor: 1_000, decimals: 0 },
  minRing: { path: 'minRingMs', factor: 1_000, decimals: 0 },
  connectWithin: { path: 'connectWithinMs', factor: 1_000, decimals: 1 },
  ratio: { path: 'pacing.ratio', factor: 1, decimals: 2 },
  abandonCap: { path: 'pacing.abandonCap', factor: 0.01, decimals: 2 },
  target: { path: 'abandonment.target', factor: 0.01, decimals: 2 },
  minAgents: { path: 'pacing.minAgentsForPredictive', factor: 1, decimals: 0 },
  maxLinesPerAgent: { path: 'pacing.maxLinesPerAgent', factor: 1, decimals: 0 },
  agentHoldback: { path: 'pacing.agentHoldback', factor: 1, decimals: 0 },
  wrapUpLimit: { path: 'wrapUpLimitMs', factor: 1_000, decimals: 0 },
  callbackMine: { path: 'callbackMineMinutes', factor: 1, decimals: 0 },
  maxTries: { path: 'recycling.maxTries', factor: 1, decimals: 0 },
  redialBlock: { path: 'abandonment.redialBlockHours', factor: 1, decimals: 0 },
  retryMinutes: { path: 'recycling.retryMinutes', factor: 1, decimals: 0 },
  offerAfter: { path: 'inbound.offerAfterMs', factor: 1_000, decimals: 0 },
  longestWait: { path: 'inbound.longestWaitMs', factor: 60_000, decimals: 1 },
  voicemailDays: { path: 'inbound.voicemailDays', factor: 1, decimals: 0 },
  weight: { path: 'weight', factor: 1, decimals: 0 },
} as const satisfies Record<string, { path: string; factor: number; decimals: number }>;
export type FigureName = keyof typeof FIGURES;
const FIGURE_NAMES = Object.keys(FIGURES) as FigureName[];

/** What is wrong with a field, ready for words. `field` is the path in the settings, or `name`. */
export interface FieldFault {
  field: string;
  text: TextKey;
  values?: Readonly<Record<string, number>>;
  /** A refusal of the server that the consoles may not know. */
  problem?: Problem;
}

/** The form of a campaign: of an existing one, or with sensible first values. */
export function draftOf(name: string, settings: CampaignSettings = DEFAULT_CAMPAIGN_SETTINGS): CampaignDraft {
  const figures = Object.fromEntries(
    FIGURE_NAMES.map((figure) => {
      const { path, factor } = FIGURES[figure];
      const value = numberAt(settings, path);
      return [figure, value === null ? null : rounded(value / factor)];
    }),
  ) as Record<FigureName, number | null>;
  return {
    name,
    callerId: settings.callerId ?? '',
    trunk: settings.trunk,
    countries: [...settings.countries],
    hours: settings.hours.map(({ days, from, to }) => ({ days: [...days], from, to })),
    figures,
    screening: { ...settings.screening },
    pacingMode: settings.pacing.mode,
    abandonment: { ...settings.abandonment },
    after: afterOf(settings.recycling),
    skills: [...settings.skills],
    inbound: { ...settings.inbound },
  };
}

/** The body to send, or every fault of the form by field. */
export function bodyOf(draft: CampaignDraft): { body: CreateCampaignBody } | { faults: FieldFault[] } {
  const at = (figure: FigureName): number | undefined => {
    const value = draft.figures[figure];
    return value === null ? undefined : rounded(value * FIGURES[figure].factor);
  };
  const callerId = draft.callerId.replaceAll(/[\s()-]/g, '');
  const read = createCampaignBody.safeParse({
    name: draft.name,
    settings: {
      callerId: callerId === '' ? null : callerId,
      trunk: draft.trunk,
      countries: draft.countries,
      hours: draft.hours.map(({ days, from, to }) => ({ days, from: from ?? undefined, to: to ?? undefined })),
      caps: {
        personPerDay: at('personPerDay'),
        personPerWeek: at('personPerWeek'),
        debtPerWeek: at('debtPerWeek'),
        minutesBetween: at('minutesBetween'),
      },
      screening: draft.screening,
      ringTimeoutMs: at('ringTimeout'),
      minRingMs: at('minRing'),
      connectWithinMs: at('connectWithin'),
      pacing: {
        mode: draft.pacingMode,
        ratio: at('ratio'),
        abandonCap: at('abandonCap'),
        minAgentsForPredictive: at('minAgents'),
        maxLinesPerAgent: at('maxLinesPerAgent'),
        agentHoldback: at('agentHoldback'),
      },
      // An empty target is the pacer's own choice.
      abandonment: { ...draft.abandonment, target: at('target') ?? null, redialBlockHours: at('redialBlock') },
      wrapUpLimitMs: at('wrapUpLimit'),
      callbackMineMinutes: at('callbackMine'),
      inbound: {
        ...draft.inbound,
        offerAfterMs: at('offerAfter'),
        longestWaitMs: at('longestWait'),
        voicemailDays: at('voicemailDays'),
      },
      skills: draft.skills,
      recycling: { maxTries: at('maxTries'), retryMinutes: at('retryMinutes'), ...ownRecycling(draft.after) },
      weight: at('weight'),
    },
  });
  if (read.success) return { body: read.data };
  return { faults: read.error.issues.map(faultOf) };
}

function afterOf({ after = {} }: Recycling): CampaignDraft['after'] {
  return Object.fromEntries(
    RECYCLED_ENDINGS.map((ending) => [ending, { minutes: null, most: null, number: null, ...after[ending] }]),
  ) as CampaignDraft['after'];
}

/** Only what differs from the usual is sent, so that the rest goes on following it. */
function ownRecycling(after: CampaignDraft['after']): { after?: object } {
  const own = Object.entries(after).flatMap(([ending, rule]) => {
    const said = Object.entries(rule).filter(([, value]) => value !== null);
    return said.length > 0 ? [[ending, Object.fromEntries(said)]] : [];
  });
  return own.length > 0 ? { after: Object.fromEntries(own) as object } : {};
}

interface Issue {
  code: string;
  path: readonly PropertyKey[];
  minimum?: number | bigint;
  maximum?: number | bigint;
  origin?: string;
}

/** One issue of the schema in the form's own words and units. */
function faultOf(issue: Issue): FieldFault {
  const field = fieldOf(issue.path.map(String).join('.')).replace(/^skills\.\d+$/, 'skills');
  const named = settingFaultOf(`settings.${field}`);
  // The form itself knows the bounds of how long a telephone rings.
  const isOfBounds = issue.code === 'too_small' || issue.code === 'too_big';
  if (named !== null && (issue.code === 'custom' || (isOfBounds && field !== 'ringTimeoutMs')))
    return { field, text: `problem.${named}` };
  const figure = FIGURE_NAMES.find((name) => FIGURES[name].path === field);
  const recycled = field.startsWith('recycling.after.');
  if ((figure !== undefined || recycled) && issue.code !== 'custom') {
    const factor = figure === undefined ? 1 : FIGURES[figure].factor;
    if (issue.code === 'too_small')
      return { field, text: 'invalid.atLeast', values: { least: rounded(Number(issue.minimum) / factor) } };
    if (issue.code === 'too_big')
      return { field, text: 'invalid.atMost', values: { most: rounded(Number(issue.maximum) / factor) } };
    return { field, text: 'invalid.number' };
  }
  if (field === 'name') return { field, text: issue.code === 'too_big' ? 'invalid.tooLong' : 'invalid.required' };
  if (field === 'callerId') return { field, text: 'invalid.callerId' };
  if (field === 'countries') return { field, text: 'invalid.countries' };
  if (field === 'hours') return { field, text: 'invalid.noHours' };
  if (/^hours\.\d+\.days/.test(field)) return { field: field.replace(/\.days.*/, '.days'), text: 'invalid.days' };
  if (/^hours\.\d+\.to$/.test(field) && issue.code === 'custom') return { field, text: 'invalid.hoursEnd' };
  if (/^hours\.\d+\.(from|to)$/.test(field)) return { field, text: 'invalid.hoursTime' };
  if (/^hours\.\d+$/.test(field)) return { field, text: 'invalid.hoursOverlap' };
  return { field, text: 'invalid.required' };
}

/** A server's refusal as faults of the form: all that it lists, else the one it names. */
export function faultsOf(problem: Problem): FieldFault[] {
  const listed = problem.details?.['faults'];
  const faults = Array.isArray(listed) ? (listed as { field?: unknown; code?: unknown; message?: unknown }[]) : [];
  const read = faults
    .filter((fault) => typeof fault.field === 'string')
    .map((fault): FieldFault => {
      const code = typeof fault.code === 'string' ? fault.code : problem.code;
      const message = typeof fault.message === 'string' ? fault.message : problem.message;
      return { field: fieldOf(String(fault.field)), text: 'problem.unknown', problem: { code, message, field: null } };
    });
  if (read.length > 0) return read;
  return [{ field: fieldOf(problem.field ?? ''), text: 'problem.unknown', problem }];
}

/** A path of the request as a path of the settings; a country's place in the list does not matter to the form. */
function fieldOf(path: string): string {
  return path.replace(/^settings\./, '').replace(/^countries\.\d+$/, 'countries');
}

function numberAt(settings: CampaignSettings, path: string): number | null {
  let value: unknown = settings;
  for (const step of path.split('.')) value = (value as Record<string, unknown>)[step];
  return typeof value === 'number' ? value : null;
}

/** Seconds and percents are not exact in binary: 0.03 / 0.01 is 3, not 2.9999. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
