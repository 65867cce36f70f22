/** Settings that cannot be have names of their own, so that whoever meets them reads what to do. By their path. */
const NAMES = {
  'pacing.abandonCap': 'cap_out_of_range',
  'abandonment.target': 'target_above_cap',
  'pacing.ratio': 'ratio_out_of_range',
  connectWithinMs: 'limit_out_of_range',
  ringTimeoutMs: 'ring_below_minimum',
} as const satisfies Record<string, string>;

/** The same, where a path has a part that varies. */
const NAMES_OF_MANY = [
  [/^recycling\.after\.\w+\.minutes$/, 'wait_out_of_range'],
  [/^recycling\.after\.\w+\.most$/, 'tries_out_of_range'],
  [/^skills(\.\d+)?$/, 'skills_out_of_range'],
] as const satisfies readonly (readonly [RegExp, string])[];

export type SettingFault = (typeof NAMES)[keyof typeof NAMES] | (typeof NAMES_OF_MANY)[number][1];

/** The name of what is wrong with a setting of a campaign, by the path of the request (`settings.pacing.ratio`); null where it has none. */
export function settingFaultOf(field: string): SettingFault | null {
  const [, path] = /^settings\.(.+)$/.exec(field) ?? [];
  if (path === undefined) return null;
  if (Object.hasOwn(NAMES, path)) return NAMES[path as keyof typeof NAMES];
  return NAMES_OF_MANY.find(([paths]) => paths.test(path))?.[1] ?? null;
}
