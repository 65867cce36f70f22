/** Why the switch did not do what was asked. */
export const SWITCH_FAULTS = [
  /** The leg has ended, or never was. */
  'leg_gone',
  /** The leg lives but is not under our control: still ringing, or back in the dialplan (the deadline has struck). */
  'leg_not_controlled',
  'bridge_gone',
  /** No answer came; what was asked may have been done. */
  'no_reply',
  /** Nothing was sent: there is no connection. */
  'not_connected',
  'refused',
] as const;
export type SwitchFaultCode = (typeof SWITCH_FAULTS)[number];

/** An expected failure of the switch; `code` says which, `message` holds the switch's own words and no personal data. */
export class SwitchFault extends Error {
  readonly code: SwitchFaultCode;
  constructor(code: SwitchFaultCode, message: string) {
    super(message);
    this.name = 'SwitchFault';
    this.code = code;
  }
}

/** For what is done once the leg or bridge is no more. */
export async function unlessGone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    const gone = error instanceof SwitchFault && ['leg_gone', 'leg_not_controlled', 'bridge_gone'].includes(error.code);
    if (!gone) throw error;
  }
}
