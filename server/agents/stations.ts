import { createHmac } from 'node:crypto';

/** A station's SIP account at the switch. */
export interface StationCredentials {
  user: string;
  secret: string;
}

/**
 * The SIP account of an agent's station. Its secret is derived, so that web and dialer agree on it without storing it:
 * HMAC-SHA-256 of the user name under the installation's station key, in hex.
 */
export function stationAccountFor(stationKey: string, agentId: string): StationCredentials {
  const user = `agent-${agentId}`;
  return { user, secret: createHmac('sha256', stationKey).update(user).digest('hex') };
}
