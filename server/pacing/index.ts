/**
 * Pacing: how many calls to place now. The same module runs live and in the simulator: no clock, no chance, no I/O inside;
 * state changes only in `apply` and `tick`, so that a recorded run replays to identical decisions.
 */
export * from './interface.ts';
export { createPacer, type SeeingPacer } from './pacer.ts';
export { PacingFault } from './config.ts';
export {
  eventLine,
  headLine,
  readLine,
  startReplay,
  tickLine,
  toBase64,
  type RecordDifference,
  type RecordEntry,
  type RecordHead,
} from './record.ts';
export { fitsSnapshot } from './snapshot.ts';
