import type { Call, Floor } from './floor.ts';

/** The safe-harbour message, said by the dialplan: the debtor's leg is handed back to it. If even that fails the leg is hung up. */
export function sayMessage(floor: Floor, call: Call): void {
  call.messageDue = true;
  call.place = 'alone';
  floor.telephone.sayMessage(call.attemptId).catch((error: unknown) => {
    floor.log.error({ err: error, attemptId: call.attemptId }, 'message could not be said');
    hangUp(floor, call);
  });
}

/** Ends the debtor's leg; the rest follows from the news of its end. */
export function hangUp(floor: Floor, call: Call): void {
  call.hungUpByUs = true;
  floor.telephone.hangUp(call.attemptId).catch((error: unknown) => {
    floor.log.warn({ err: error, attemptId: call.attemptId }, 'hang-up failed');
  });
}
