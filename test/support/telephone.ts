import { randomUUID } from 'node:crypto';

import { type AsteriskSwitch, type AsteriskSwitchOptions, createAsteriskSwitch } from '../../server/telephony/asterisk/switch.ts';
import type { DebtorLeg } from '../../server/telephony/port.ts';
import { trunkSettings } from '../../server/telephony/trunk.ts';
import type { TestSwitch } from './switch.ts';

/** The trunk to the demo carrier, as tests know it. */
export const DEMO_TRUNK = trunkSettings.parse({ name: 'demo', kind: 'demo', uri: 'sip:127.0.0.1:5070' });

/** The product's adapter on a test's Asterisk; the test opens and closes it. */
export function switchOn(asterisk: TestSwitch, change: Partial<AsteriskSwitchOptions> = {}): AsteriskSwitch {
  return createAsteriskSwitch({
    url: asterisk.ariUrl,
    ...asterisk.ari,
    application: `test-${randomUUID()}`,
    trunks: [DEMO_TRUNK],
    recordFile: asterisk.recordFile,
    ...change,
  });
}

/** A call to the demo carrier's number ending in `outcome` (dialplans/README.md). */
export function debtorLeg(outcome: string, change: Partial<DebtorLeg> = {}): DebtorLeg {
  return {
    legId: randomUUID(),
    trunk: 'demo',
    number: `+155500001${outcome}`,
    callerId: null,
    ringTimeoutMs: 20_000,
    screening: false,
    machineTreatment: 'hang_up',
    connectWithinMs: 2_000,
    message: 'en/safe-harbour',
    ...change,
  };
}
