import type { AgentState, Desk, DeskCall } from '../../../server/contract/desk.ts';
import type { DeskModel } from '../connection/desk-model.ts';

/** Short breaks of the line pass unnoticed; after this the agent is told. */
const BANNER_AFTER_MS = 2_000;

/** Which page the agent sees. */
export type Screen = 'opening' | 'elsewhere' | 'taken' | 'refused' | 'start' | 'desk';

/** Which buttons the server's state allows. */
export interface Allowed {
  ready: boolean;
  pause: boolean;
  takeBackPause: boolean;
  logOut: boolean;
  hangUp: boolean;
  hold: boolean;
  mute: boolean;
  keypad: boolean;
  dispose: boolean;
}

/** Where a pause or a log-out may have to wait: for the call at hand, or for calls that are being dialed for this agent. */
const MAY_WAIT: ReadonlySet<AgentState> = new Set(['ready', 'offered', 'talking', 'wrap_up']);
const WITH_LEG: ReadonlySet<AgentState> = new Set(['paused', 'ready', 'offered', 'talking', 'wrap_up']);

/** The page for what is known of the desk. */
export function screenOf(model: DeskModel): Screen {
  if (model.claim === 'elsewhere' || model.claim === 'taken' || model.claim === 'refused') return model.claim;
  if (model.desk === null) return 'opening';
  return model.desk.state === 'offline' || model.desk.state === 'connecting' ? 'start' : 'desk';
}

/** Whether to say that the line is lost, and for how long it has been, at a moment of the page's clock. */
export function offlineForMs(model: DeskModel, nowMs: number): number | null {
  if (model.link !== 'lost' || model.lostAtMs === null) return null;
  const forMs = nowMs - model.lostAtMs;
  return forMs >= BANNER_AFTER_MS ? forMs : null;
}

/** What may be asked for now; nothing while the line is lost. */
export function allowed(model: DeskModel): Allowed {
  const desk = model.desk;
  const up = model.link === 'open' && model.claim === 'mine' && desk !== null;
  const state = desk?.state ?? 'offline';
  const phase = desk?.call?.phase ?? null;
  const speaking = up && state === 'talking' && (phase === 'talking' || phase === 'held');
  return {
    ready: up && state === 'paused',
    pause: up && MAY_WAIT.has(state) && desk?.pauseAfterCall === null,
    takeBackPause: up && MAY_WAIT.has(state) && (desk?.pauseAfterCall !== null || desk?.logOutAfterCall === true),
    logOut: up && WITH_LEG.has(state) && desk?.logOutAfterCall === false,
    hangUp: up && state === 'talking' && phase !== 'ended',
    hold: speaking,
    // The microphone is this machine's own: it can be silenced even while the line is lost.
    mute: state === 'talking',
    keypad: speaking,
    dispose: up && state === 'wrap_up',
  };
}

/** The call whose file and form stand on the desk: from the bridge until its outcome is saved. */
export function callOnDesk(desk: Desk): DeskCall | null {
  return desk.state === 'talking' || desk.state === 'wrap_up' ? desk.call : null;
}

/** Where the timer of the call bar counts from, as an ISO instant of the server. */
export function timerStart(desk: Desk): string {
  return desk.state === 'talking' ? (desk.call?.connectedAt ?? desk.since) : desk.since;
}
