import type { PhoneCall } from '../../scripts/robots/call.ts';
import { eventually } from './conditions.ts';

/** Amplitude of a tone in what arrives, as a fraction of full scale. */
export type Hearing = (hertz: number) => number;

/** Debtors send this tone, agents another, so that either end can be told by its sound. */
export const DEBTOR_HERTZ = 400;
export const AGENT_HERTZ = 700;
/** What the music of `dialplans/sounds/music` is made of, note by note. */
const MUSIC_HERTZ = [175, 195, 220, 260, 295, 330, 390];
const LOUD = 0.05;
/** Notes and keys are softer than the tones. */
const AUDIBLE = 0.03;

export const debtorIsHeard = (heard: Hearing): boolean => heard(DEBTOR_HERTZ) > LOUD;
export const agentIsHeard = (heard: Hearing): boolean => heard(AGENT_HERTZ) > LOUD;
export const musicIsHeard = (heard: Hearing): boolean =>
  !agentIsHeard(heard) && MUSIC_HERTZ.some((hertz) => heard(hertz) > AUDIBLE);
/** A five on a keypad is 770 and 1336 Hz at once. */
export const fiveIsHeard = (heard: Hearing): boolean => heard(770) > AUDIBLE && heard(1_336) > AUDIBLE;

/** Waits until no sound arrives: alone in a bridge, a leg is sent nothing at all. */
export async function hearsNothing(call: PhoneCall): Promise<void> {
  let before = -1;
  let still = 0;
  await eventually('no sound arrives any more', () => {
    const { received } = call.packets();
    still = received === before ? still + 1 : 0;
    before = received;
    return still >= 10;
  });
}

/** Answers a prompt as a person does: waits until a voice is heard, then presses 1. */
export async function pressOne(call: PhoneCall): Promise<void> {
  await call.up;
  await call.hears(voiceIsHeard);
  call.press(1);
}
export const voiceIsHeard = (heard: Hearing): boolean => VOICE_HERTZ.some((hertz) => heard(hertz) > VOICE);
const VOICE_HERTZ = [250, 300, 350, 400, 450, 500];
const VOICE = 0.005;
