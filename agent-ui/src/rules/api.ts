import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { contactCheck, type ContactCheck, type ContactCheckBody } from '../../../server/contract/contact-check.ts';
import {
  callableWeek,
  creditorRow,
  holidayRow,
  overrideDetail,
  overridePreview,
  overrideRow,
  packDetail,
  packPreview,
  packRow,
  type HolidayRow,
  type OverrideDetail,
  type PackDetail,
  type saveOverrideBody,
  type savePackBody,
} from '../../../server/contract/packs.ts';
import { queries } from '../admin/api.ts';
import { ask } from '../connection/http.ts';

export const packsQuery = queryOptions({ queryKey: ['packs'], queryFn: () => ask('GET', '/rule-packs', z.array(packRow)) });

/** One pack whole; `version` null: the one in force. */
export function packQuery(id: string, version: number | null) {
  const path = `/rule-packs/${encodeURIComponent(id)}${version === null ? '' : `?version=${version}`}`;
  return queryOptions({ queryKey: ['packs', id, version], queryFn: () => ask('GET', path, packDetail) });
}

/** Who of a pack's countries is callable in each hour of the coming week. */
export function callableQuery(id: string) {
  return queryOptions({
    queryKey: ['packs', id, 'callable'],
    queryFn: () => ask('GET', `/rule-packs/${encodeURIComponent(id)}/callable`, callableWeek),
    staleTime: 60_000,
  });
}

/** What rules would do as a version of a pack that are not saved yet; null while there are none to ask about. */
export function packPreviewQuery(id: string, rules: Record<string, unknown> | null) {
  return queryOptions({
    queryKey: ['packs', id, 'preview', rules],
    queryFn: () => ask('POST', '/rule-packs/preview', packPreview, { body: { id, rules } }),
    enabled: rules !== null,
    placeholderData: keepPreviousData,
  });
}

/** Saves the next version of a pack, or a new pack; refused by name, each fault with its field. */
export async function savePack(body: z.input<typeof savePackBody>): Promise<PackDetail> {
  const saved = await ask('POST', '/rule-packs', packDetail, { body });
  await queries.invalidateQueries({ queryKey: packsQuery.queryKey });
  return saved;
}

export function holidaysQuery(country: string, year: number) {
  return queryOptions({
    queryKey: ['holidays', country, year],
    queryFn: () => ask('GET', `/holidays?country=${country}&year=${year}`, z.array(holidayRow)),
    enabled: country !== '',
  });
}

/** Lays the starting table of a year; returns how many days are new. */
export async function startHolidays(country: string, year: number): Promise<number> {
  const answer = await ask('POST', '/holidays/start', z.object({ added: z.number().int() }), { body: { country, year } });
  await queries.invalidateQueries({ queryKey: ['holidays', country] });
  return answer.added;
}

/** Adds a confirmed day. */
export async function addHoliday(body: { country: string; date: string; name: string }): Promise<HolidayRow> {
  const row = await ask('POST', '/holidays', holidayRow, { body });
  await queries.invalidateQueries({ queryKey: ['holidays', body.country] });
  return row;
}

/** Confirms a day that was proposed, or takes one away. */
export async function decideHoliday(row: HolidayRow, status: 'confirmed' | 'removed'): Promise<HolidayRow> {
  const decided = await ask('PATCH', `/holidays/${row.id}`, holidayRow, { body: { status } });
  await queries.invalidateQueries({ queryKey: ['holidays', row.country] });
  return decided;
}

/** May we call, if not why, and when? */
export function checkContact(body: ContactCheckBody): Promise<ContactCheck> {
  return ask('POST', '/contact-check', contactCheck, { body });
}

export const overridesQuery = queryOptions({
  queryKey: ['overrides'],
  queryFn: () => ask('GET', '/rule-overrides', z.array(overrideRow)),
});

export const creditorsQuery = queryOptions({
  queryKey: ['creditors'],
  queryFn: () => ask('GET', '/creditors', z.array(creditorRow)),
});

/** Whose rules, and which pack they tighten. */
export type WhoseRules = Pick<OverrideDetail, 'scope' | 'subjectId' | 'tightens'>;

/** What a creditor or campaign asks beyond a pack, beside what the pack says. */
export function overrideQuery({ scope, subjectId, tightens }: WhoseRules) {
  return queryOptions({
    queryKey: ['overrides', scope, subjectId, tightens],
    queryFn: () => ask('GET', `/rule-overrides/${scope}/${subjectId}/${encodeURIComponent(tightens)}`, overrideDetail),
  });
}

/** What rules would do that are not saved yet. */
export function overridePreviewQuery(whose: WhoseRules, rules: Record<string, unknown>) {
  return queryOptions({
    queryKey: ['overrides', whose.scope, whose.subjectId, whose.tightens, 'preview', rules],
    queryFn: () => ask('POST', '/rule-overrides/preview', overridePreview, { body: { ...whose, rules } }),
    placeholderData: keepPreviousData,
  });
}

/** Saves the next version of what one asks; refused by name, each fault with its field. Returns the version. */
export async function saveOverride(body: z.input<typeof saveOverrideBody>): Promise<number> {
  const { version } = await ask('POST', '/rule-overrides', z.object({ version: z.number().int() }), { body });
  await queries.invalidateQueries({ queryKey: overridesQuery.queryKey });
  return version;
}
