/** What is to be reached on the public floors, in percent. */
import type { ScenarioName } from './scenarios.ts';

interface Goal {
  must: number;
  aim: number;
  mustWithLeads: number;
  aimWithLeads: number;
  /** At a cap of 1 %. */
  mustAtOne: number;
  worstHour: number;
}

const goal = (
  must: number,
  aim: number,
  mustWithLeads: number,
  aimWithLeads: number,
  mustAtOne: number,
  worstHour: number,
): Goal => ({ must, aim, mustWithLeads, aimWithLeads, mustAtOne, worstHour });

export const GOALS: Readonly<Record<ScenarioName, Goal>> = {
  S01: goal(78, 79.5, 78, 80, 73.5, 5.3),
  S02: goal(72, 74, 74, 76, 64.8, 5.3),
  S03: goal(86, 87.3, 86, 87.5, 82.5, 4.5),
  S04: goal(91, 92, 91, 92, 88.1, 4.5),
  S05: goal(89.5, 91, 90, 91.5, 86.2, 4.5),
  S06: goal(94.8, 95.5, 94.8, 95.6, 92.7, 4),
  S07: goal(97, 97.8, 97, 98, 95.6, 4),
  S08: goal(90, 91.3, 90.3, 91.5, 86.9, 5.5),
  S09: goal(90, 91.5, 90.3, 91.7, 87.3, 4.5),
  S10: goal(91.3, 92.5, 91.3, 92.5, 87.6, 4.5),
  S11: goal(92.3, 93.3, 92.3, 93.5, 90.2, 4.5),
  S12: goal(84, 85.5, 84.2, 85.7, 79.5, 4.5),
  S13: goal(92.8, 93.8, 92.8, 94, 90.6, 4.5),
  S14: goal(89.5, 91, 90, 91.5, 86.4, 4.5),
};

/** Seeds a floor is judged on: small ones scatter more. */
export function seedsFor(agents: number): number {
  return agents <= 25 ? 16 : 5;
}
