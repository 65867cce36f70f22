import { SwitchFault, type SwitchFaultCode } from '../telephony/faults.ts';
import { switchAnswers, type Call, type Floor } from './floor.ts';

/** Which fault it was; whatever is none of the switch's counts as a refusal. */
export function faultOf(error: unknown): SwitchFaultCode {
  return error instanceof SwitchFault ? error.code : 'refused';
}

/**
 * The safe-harbour message, said by the dialplan: the debtor's leg is handed back to it. A leg that is there already is hearing it
 * and is left alone; one that the switch refuses to hand back is hung up. While the switch is out of sight, what comes after decides.
 */
export function sayMessage(floor: Floor, call: Call): void {
  call.messageDue = true;
  call.place = 'alone';
  floor.telephone.sayMessage(call.legId).catch((error: unknown) => {
    const fault = faultOf(error);
    if (fault === 'leg_gone' || fault === 'leg_not_controlled') return;
    floor.log.error({ err: error, attemptId: call.attemptId }, 'message could not be said');
    if (fault !== 'no_reply' && switchAnswers(floor)) hangUp(floor, call);
  });
}

/** Ends the debtor's leg; the rest follows from the news of its end. */
export function hangUp(floor: Floor, call: Call): void {
  call.hungUpByUs = true;
  floor.telephone.hangUp(call.legId).catch((error: unknown) => {
    floor.log.warn({ err: error, attemptId: call.attemptId }, 'hang-up failed');
  });
}
