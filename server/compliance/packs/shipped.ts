import { rulePackSchema, type RulePack } from '../packs.ts';
import { DEMO } from './demo.ts';
import { EG, IR } from './egypt-and-iran.ts';
import { CA_ON, EU, UK } from './europe.ts';
import { AE, GULF_DEFAULTS, SA } from './gulf.ts';
import { US_MA, US_REGF, US_TCPA, US_TCPA_1, US_TSR } from './united-states.ts';

/** Every pack that ships with Wusul, validated; the newest version of each. */
export const SHIPPED_PACKS: readonly RulePack[] = [
  US_REGF,
  US_MA,
  US_TCPA,
  US_TSR,
  SA,
  AE,
  EG,
  IR,
  UK,
  EU,
  CA_ON,
  ...GULF_DEFAULTS,
  DEMO,
].map((data) => rulePackSchema.parse(data));

/** Versions that shipped before: a version is never changed, so that whoever was judged by it can be judged again. */
export const SHIPPED_BEFORE: readonly RulePack[] = [US_TCPA_1].map((data) => rulePackSchema.parse(data));
