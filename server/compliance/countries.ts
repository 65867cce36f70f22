/** Time zones by country (ISO 3166-1), for people whose zone nobody knows. */

/** One zone for each clock the country keeps; the runtime's list has many names for the same clock. */
const SEVERAL_CLOCKS: Readonly<Record<string, readonly string[]>> = {
  US: [
    'America/New_York',
    'America/Chicago',
    'America/Denver',
    'America/Phoenix',
    'America/Los_Angeles',
    'America/Anchorage',
    'America/Adak',
    'Pacific/Honolulu',
  ],
  CA: [
    'America/St_Johns',
    'America/Halifax',
    'America/Toronto',
    'America/Winnipeg',
    'America/Regina',
    'America/Edmonton',
    'America/Vancouver',
    'America/Whitehorse',
  ],
};

const kept = new Map<string, readonly string[]>();

/** Every zone a person of this country may live in; empty for a country that does not exist. */
export function zonesOfCountry(country: string): readonly string[] {
  let zones = kept.get(country);
  if (zones === undefined) {
    zones = SEVERAL_CLOCKS[country] ?? readZones(country);
    kept.set(country, zones);
  }
  return zones;
}

function readZones(country: string): readonly string[] {
  if (!/^[A-Z]{2}$/.test(country)) return [];
  return new Intl.Locale(`und-${country}`).getTimeZones() ?? [];
}
