/** The public floors, by name. */
import { readScenario, type Scenario, type ScenarioText } from './scenario.ts';

const TEXTS = {
  S01: { agents: 10, answerProbability: 0.3 },
  S02: { agents: 10, answerProbability: 0.1, trunks: 150, dialsPerSecond: 8 },
  S03: { agents: 25, answerProbability: 0.3 },
  S04: { agents: 50, answerProbability: 0.3 },
  S05: { agents: 50, answerProbability: 0.15, ringing: { kind: 'weibull', a: 1.6, b: 11 }, trunks: 600 },
  S06: { agents: 100, answerProbability: 0.5, machineShare: 0.15 },
  S07: { agents: 300, answerProbability: 0.2, trunks: 2_400, dialsPerSecond: 120 },
  S08: {
    agents: 50,
    answerProbability: [
      { fromHour: 0, value: 0.15 },
      { fromHour: 3, value: 0.4 },
      { fromHour: 6, value: 0.2 },
    ],
    trunks: 600,
  },
  S09: { agents: 50, answerProbability: wave(), trunks: 600 },
  S10: { agents: 50, answerProbability: 0.3, amd: false, machineTalkS: [4, 10] },
  S11: {
    agents: 50,
    answerProbability: 0.25,
    refusalShare: 0.3,
    conversation: { medianS: 240, sigma: 0.7 },
    wrap: { shape: 3, meanS: 40 },
  },
  S12: {
    agents: 25,
    answerProbability: 0.3,
    refusalShare: 0.7,
    refusal: { medianS: 12, sigma: 0.5 },
    wrap: { shape: 2, meanS: 8 },
    trunks: 300,
    dialsPerSecond: 20,
  },
  S13: {
    agents: 100,
    answerProbability: 0.25,
    shifts: [
      { agents: 33, fromHour: 0, toHour: 8 },
      { agents: 17, fromHour: 0, toHour: 5 },
      { agents: 50, fromHour: 2, toHour: 6.5 },
    ],
  },
  S14: { agents: 50, answerProbability: 0.15, trunks: 130 },
} as const satisfies Record<string, ScenarioText>;

export type ScenarioName = keyof typeof TEXTS;
export const SCENARIO_NAMES = Object.keys(TEXTS) as ScenarioName[];

/** All public floors by their names. */
export function publicScenarios(): Record<ScenarioName, Scenario> {
  return Object.fromEntries(SCENARIO_NAMES.map((name) => [name, readScenario(TEXTS[name])])) as Record<ScenarioName, Scenario>;
}

/** A public floor by its name, or undefined. */
export function publicScenario(name: string): Scenario | undefined {
  const text = Object.hasOwn(TEXTS, name) ? TEXTS[name as ScenarioName] : undefined;
  return text && readScenario(structuredClone(text));
}

/** 0.22 + 0.1 sin(2π(t/8h − 0.2)) + 0.06 t/8h, in steps of five minutes. */
function wave(): { fromHour: number; value: number }[] {
  return Array.from({ length: 96 }, (_, step) => {
    const part = (step + 0.5) / 96;
    return { fromHour: step / 12, value: 0.22 + 0.1 * Math.sin(2 * Math.PI * (part - 0.2)) + 0.06 * part };
  });
}
