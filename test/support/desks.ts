import type { Switch } from '../../server/telephony/port.ts';
import { choosePort } from '../../server/machine/ports.ts';
import { eventually } from './conditions.ts';

/** Desk phones of the demo carrier: they answer every call and send a steady 700 Hz tone. */
export const DESKS = [
  { user: 'desk1', secret: 'secret-of-desk-1' },
  { user: 'desk2', secret: 'secret-of-desk-2' },
];

/** A free port for them to register from. */
export function chooseDeskPort(): Promise<number> {
  return choosePort(null, 'udp');
}

/** Gives each desk its account and waits until it has registered. */
export async function provisionDesks(telephone: Switch): Promise<void> {
  for (const { user, secret } of DESKS) await telephone.provisionStation({ stationId: user, kind: 'sip', secret });
  for (const { user } of DESKS) await eventually(`${user} is registered`, () => telephone.stationReachable(user), 30_000);
}
