import { ROLES, type Role } from '../contract/people.ts';

const EVERYONE = ROLES;
/** Who takes calls: agents, and supervisors who stand by for those that may hear no message. */
const TAKERS = ['agent', 'supervisor'] as const;
const OVERSEERS = ['supervisor', 'admin'] as const;
const ADMINS = ['admin'] as const;

/**
 * Who may do what: the one table. Every route and socket event names a permission of it, and what is not granted here is refused.
 * An overseer may stop dialing at any time; only an admin starts it.
 */
export const PERMISSIONS = {
  'session.own': EVERYONE,
  'desk.use': TAKERS,
  'station.use': TAKERS,
  'notes.own': TAKERS,
  'wallboard.watch': OVERSEERS,
  'users.read': OVERSEERS,
  'users.change': ADMINS,
  'campaigns.read': OVERSEERS,
  'campaigns.change': ADMINS,
  'campaigns.start': ADMINS,
  'campaigns.pause': OVERSEERS,
  'campaigns.end': ADMINS,
  'campaigns.agents': OVERSEERS,
  'trunks.read': OVERSEERS,
  'trunks.arm': ADMINS,
  'trunks.test': ADMINS,
  'trunks.disarm': OVERSEERS,
  'imports.read': ADMINS,
  'imports.start': ADMINS,
  'matches.decide': OVERSEERS,
  'packs.read': OVERSEERS,
  'packs.change': ADMINS,
  'contact.check': OVERSEERS,
  'debtors.read': OVERSEERS,
  'debtors.hold': OVERSEERS,
  'debtors.override': OVERSEERS,
  'debtors.correct': OVERSEERS,
  'debtors.numbers': OVERSEERS,
  'debtors.consent': OVERSEERS,
  'debtors.callbacks': OVERSEERS,
  'segments.change': OVERSEERS,
  'inbound.handle': OVERSEERS,
  'inbound.try': OVERSEERS,
  'metrics.read': ADMINS,
  'history.read': ADMINS,
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof PERMISSIONS;

/** Whether a role has a permission. */
export function mayDo(role: Role, permission: Permission): boolean {
  return (PERMISSIONS[permission] as readonly Role[]).includes(role);
}
