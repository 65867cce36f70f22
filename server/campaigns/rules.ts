import type { AppliedAbandonment, AppliedRules } from '../compliance/applied.ts';
import { answerRuleOf, leavesTimeForScreening } from '../compliance/ledger/rules.ts';
import type { CampaignSettings, CampaignState } from '../contract/campaigns.ts';
import { zonesOfCountry } from '../compliance/countries.ts';
import { AMD_FIGURES } from '../telephony/screening.ts';

/** A fault of a campaign: a stable code, the field it is about, and words for a person. */
export interface Fault {
  code: string;
  field: string;
  message: string;
}

/** What the rules need to know of a trunk. */
export interface TrunkFacts {
  kind: 'demo' | 'real';
  armed: boolean;
}

const MOVES = {
  start: { from: ['draft', 'paused'], to: 'running' },
  pause: { from: ['running'], to: 'paused' },
  end: { from: ['draft', 'running', 'paused'], to: 'ended' },
} as const satisfies Record<string, { from: readonly CampaignState[]; to: CampaignState }>;

export type CampaignMove = keyof typeof MOVES;

/** The state after a move, or null where the state does not allow it. */
export function afterMove(state: CampaignState, move: CampaignMove): CampaignState | null {
  const rule = MOVES[move];
  return (rule.from as readonly CampaignState[]).includes(state) ? rule.to : null;
}

/**
 * What is wrong with settings whatever the campaign's state, in the order of the form. `demo` is what the campaign is (a new one:
 * what its trunk is); `rulesOf`: the rules that bind calls to a country. Limits looser than theirs on abandoned calls are faults of a campaign that calls real
 * people.
 */
export function faultsOfSettings(
  settings: CampaignSettings,
  context: {
    demo: boolean;
    trunk: TrunkFacts | null;
    rulesOf: (country: string) => Pick<AppliedRules, 'problems' | 'abandonment' | 'optOutByKey'>;
  },
): Fault[] {
  const faults: Fault[] = [];
  const laws: Pick<AppliedRules, 'abandonment' | 'optOutByKey'>[] = [];
  if (!context.trunk) {
    faults.push({ code: 'unknown_trunk', field: 'settings.trunk', message: `There is no trunk named ${settings.trunk}.` });
  } else if ((context.trunk.kind === 'demo') !== context.demo) {
    faults.push({
      code: 'demo_and_real',
      field: 'settings.trunk',
      message: context.demo
        ? 'A demo campaign calls only over a demo trunk: its debtors are invented.'
        : 'A real campaign never calls over a demo trunk.',
    });
  }
  settings.countries.forEach((country, index) => {
    const field = `settings.countries.${index}`;
    if (zonesOfCountry(country).length === 0) {
      faults.push({ code: 'unknown_country', field, message: `${country} is not a country (ISO 3166-1, two capital letters).` });
    } else if (!context.demo) {
      const law = context.rulesOf(country);
      const { problems, abandonment } = law;
      if (problems.length > 0) {
        faults.push({
          code: 'country_without_rules',
          field,
          message: `No rule pack serves ${country}: nobody there may be called.`,
        });
      } else {
        faults.push(...loosenessOf(settings, country, abandonment));
        laws.push(law);
      }
    }
  });
  const rule = answerRuleOf(settings, laws);
  if (settings.screening.enabled && !leavesTimeForScreening(rule, AMD_FIGURES.totalAnalysisMs)) {
    faults.push({
      code: 'screening_exceeds_limit',
      field: 'settings.screening.enabled',
      message: `Detection may take ${AMD_FIGURES.totalAnalysisMs / 1_000} s, and an agent must be there ${rule.connectWithinMs / 1_000} s after the ${rule.clockStart === 'connect' ? 'answer' : 'greeting begins'}.`,
    });
  }
  return faults;
}

/** What keeps a campaign from dialing, beside the faults of its settings; in the order in which a person would mend them. */
export function faultsOfStart(settings: CampaignSettings, context: { demo: boolean; trunk: TrunkFacts | null }): Fault[] {
  const faults: Fault[] = [];
  if (settings.callerId === null && !context.demo) {
    faults.push({
      code: 'caller_id_missing',
      field: 'settings.callerId',
      message: 'A campaign needs a caller id: the number that debtors see and may call back.',
    });
  }
  if (context.trunk && !context.trunk.armed) {
    faults.push({
      code: 'trunk_disarmed',
      field: 'settings.trunk',
      message: `The trunk ${settings.trunk} is not armed: an admin arms it after a test call.`,
    });
  }
  return faults;
}

/** Whose days a campaign counts by: the first zone of its first country. */
export function dayZoneOf(settings: CampaignSettings): string {
  return zonesOfCountry(settings.countries[0] ?? '')[0] ?? 'UTC';
}

/** Where settings ask less than the rules of a country about calls that people answer. */
function loosenessOf(settings: CampaignSettings, country: string, law: AppliedAbandonment): Fault[] {
  const faults: Fault[] = [];
  const fault = (field: string, message: string): void => {
    faults.push({ code: 'looser_than_rules', field: `settings.${field}`, message });
  };
  if (settings.pacing.abandonCap > law.maxShare) {
    fault('pacing.abandonCap', `In ${country} at most ${law.maxShare * 100} % of answered calls may be abandoned.`);
  }
  if (settings.connectWithinMs > law.connectWithinMs) {
    fault('connectWithinMs', `In ${country} an agent must be there within ${law.connectWithinMs / 1_000} s.`);
  }
  if (settings.minRingMs < law.minimumRingMs) {
    fault('minRingMs', `In ${country} phones must ring for ${law.minimumRingMs / 1_000} s at least.`);
  }
  return faults;
}
