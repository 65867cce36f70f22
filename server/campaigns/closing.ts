import { rangesByWeekday } from '../compliance/applied.ts';
import { zonesOfCountry } from '../compliance/countries.ts';
import type { CampaignSettings } from '../contract/campaigns.ts';

const DAY_MINUTES = 1_440;
const WEEK_DAYS = 7;

/**
 * When a campaign's calling ends today, in ms since the epoch: the last of its hours in the zone of its countries where the day is longest. Null
 * where it has ended, and where it never does, one day's hours going over into the next. The law may close earlier.
 */
export function closingOf(settings: Pick<CampaignSettings, 'hours' | 'countries'>, nowMs: number): number | null {
  const byWeekday = rangesByWeekday(settings.hours);
  const zones = new Set(settings.countries.flatMap((country) => zonesOfCountry(country)));
  let latest: number | null = null;
  for (const zone of zones) {
    const closing = closingIn(zone, byWeekday, nowMs);
    if (closing === 'never') return null;
    if (closing !== null) latest = Math.max(latest ?? closing, closing);
  }
  return latest;
}

function closingIn(zone: string, byWeekday: ReturnType<typeof rangesByWeekday>, nowMs: number): number | 'never' | null {
  const now = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(zone);
  const endOf = (weekday: number): number => Math.max(0, ...(byWeekday[weekday] ?? []).map((range) => range.to));
  let day = now.toPlainDate();
  let minute = endOf(now.dayOfWeek);
  if (minute <= now.hour * 60 + now.minute) return null;
  for (let further = 0; minute === DAY_MINUTES; further += 1) {
    day = day.add({ days: 1 });
    const next = (byWeekday[day.dayOfWeek] ?? []).find((range) => range.from === 0);
    if (next === undefined) break;
    if (further === WEEK_DAYS) return 'never';
    minute = next.to;
  }
  // Midnight is the beginning of the day that was gone over to.
  const plainTime = new Temporal.PlainTime(Math.floor((minute % DAY_MINUTES) / 60), minute % 60);
  return day.toZonedDateTime({ timeZone: zone, plainTime }).epochMilliseconds;
}
