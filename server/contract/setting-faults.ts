/** Settings about answered calls that cannot be have names of their own, so that whoever meets them reads what to do. By their path. */
const NAMES = {
  'pacing.abandonCap': 'cap_out_of_range',
  'abandonment.target': 'target_above_cap',
  'pacing.ratio': 'ratio_out_of_range',
  connectWithinMs: 'limit_out_of_range',
  ringTimeoutMs: 'ring_below_minimum',
} as const satisfies Record<string, string>;
export type SettingFault = (typeof NAMES)[keyof typeof NAMES];

/** The name of what is wrong with a setting of a campaign, by the path of the request (`settings.pacing.ratio`); null where it has none. */
export function settingFaultOf(field: string): SettingFault | null {
  const [, path] = /^settings\.(.+)$/.exec(field) ?? [];
  return path !== undefined && Object.hasOwn(NAMES, path) ? NAMES[path as keyof typeof NAMES] : null;
}
