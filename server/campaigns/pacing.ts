import { rulesFor, type Catalogue } from '../compliance/catalogue.ts';
import { answerRuleOf } from '../compliance/ledger/rules.ts';
import type { AbandonWindow, AnswerRule } from '../contract/abandonment.ts';
import type { CampaignSettings } from '../contract/campaigns.ts';
import type { PacingConfig } from '../pacing/index.ts';
import type { Campaign } from './store.ts';

const WINDOWS: Readonly<Record<AbandonWindow, PacingConfig['window']>> = {
  campaign30d: { kind: 'campaign30d' },
  rolling24h: { kind: 'rolling', hours: 24 },
  day: { kind: 'day' },
};

/** What the pacer needs of a campaign's settings, under the rule that its answered calls are held against. */
export function pacingConfigOf(settings: CampaignSettings, rule: AnswerRule): PacingConfig {
  const { mode, ratio, maxLinesPerAgent, minAgentsForPredictive, agentHoldback } = settings.pacing;
  const { target } = settings.abandonment;
  return {
    mode,
    ratio,
    cap: rule.cap,
    ...(target === null ? {} : { target: Math.min(target, rule.cap) }),
    window: WINDOWS[rule.window],
    clockStart: rule.clockStart,
    connectWithinMs: rule.connectWithinMs,
    minRingMs: rule.minRingMs,
    countAmdFalsePositives: rule.countPeopleTakenForMachines,
    maxLinesPerAgent,
    minAgentsForPredictive,
    agentHoldback,
  };
}

/** The rule that a campaign's answered calls are held against now: its own, tightened by the law of each country; the demo has its own alone. */
export function ruleOf(
  campaign: Pick<Campaign, 'demo' | 'creditorId' | 'settings'> & { id: string | null },
  catalogue: Catalogue,
): AnswerRule {
  const { id, demo, creditorId, settings } = campaign;
  const behalf = { creditorIds: creditorId === null ? [] : [creditorId], campaignId: id };
  const laws = demo ? [] : settings.countries.map((country) => rulesFor(catalogue, [country], [], behalf));
  return answerRuleOf(settings, laws);
}
