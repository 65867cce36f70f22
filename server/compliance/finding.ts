import type { Severity } from '../contract/rule-terms.ts';
import type { RuleOrigin } from './windows.ts';

/** One thing that forbids a contact, on the way to becoming a reason. Epoch milliseconds. */
export interface Finding {
  id: string;
  origin: RuleOrigin;
  severity: Severity;
  /** Infinity: not by waiting. */
  untilMs: number;
}

/** Never by waiting. */
export const NEVER = Number.POSITIVE_INFINITY;

/** What the house itself never does, whatever the packs say. */
export const HOUSE: RuleOrigin = { pack: 'house', version: 1, source: '', evidence: 'V1' };

/** What the person said. */
export const PERSON: RuleOrigin = { pack: 'person', version: 1, source: '', evidence: 'V1' };

/** Makes a finding that blocks, unless another severity is given. */
export function finding(id: string, origin: RuleOrigin, untilMs: number, severity: Severity = 'block'): Finding {
  return { id, origin, severity, untilMs };
}
