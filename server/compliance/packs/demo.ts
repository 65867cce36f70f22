import type { RulePackData } from '../packs.ts';

/**
 * The demo floor's rules: open at every hour with generous caps, so that the demo works whenever it is tried. It serves no
 * country: only demo debtors on a demo trunk are judged by it.
 */
export const DEMO: RulePackData = {
  id: 'demo',
  version: 1,
  author: 'shipped',
  reason: 'the demo floor works at any hour',
  effectiveFrom: '2026-01-01',
  applies: 'invented debtors on the loopback demo carrier',
  hours: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '24:00', channels: 'all', evidence: 'V0' }],
  caps: [{ id: 'demo_100in1', scope: 'person', event: 'outbound_call_attempt', max: 100, days: 1, evidence: 'V0' }],
};
