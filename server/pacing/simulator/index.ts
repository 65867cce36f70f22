/** The simulated floor: what a policy would come to on a day, from a description of the floor and a seed. */
export { FAULTS, type Fault } from './faults.ts';
export { fitScenario, nearestScenario, type SeenCall, type SeenFloor, type SoughtFloor } from './fit.ts';
export { GOALS, seedsFor } from './goals.ts';
export { pacingConfigFor, policyNamed } from './roster.ts';
export { runFloor, type Policy, type RunOptions } from './run.ts';
export { readScenario, type Scenario } from './scenario.ts';
export { publicScenario, publicScenarios, SCENARIO_NAMES, type ScenarioName } from './scenarios.ts';
export { meanOf, type RunFigures } from './tally.ts';
