import type { LegEvent } from '../../telephony/port.ts';
import { deskAfterCall } from '../calls.ts';
import { endSegment } from '../desks.ts';
import type { Call, Floor } from '../floor.ts';
import { played, stopRescueTimer } from '../rescue.ts';
import { bridged, withdraw } from '../serve.ts';
import { noteConfirmedEnd } from './confirmed.ts';
import { announced, leaveInboundLine, pressed } from './line.ts';
import { noteInbound } from './store.ts';
import { fetchVoicemail } from './voicemail.ts';

/** News of the leg of somebody who called us. */
export function inboundNews(floor: Floor, call: Call, event: LegEvent): void {
  switch (event.type) {
    case 'leg.joined':
      bridged(floor, call, event.bridgeId, event.stampMs);
      return;
    case 'leg.left':
      leftUs(floor, call);
      return;
    case 'leg.digit':
      pressed(floor, call, event.digit);
      return;
    case 'leg.played':
      announced(floor, call, event.playbackId);
      played(floor, call, event.playbackId);
      return;
    case 'leg.ended':
      inboundEnded(floor, call, event.stampMs);
      return;
    default:
  }
}

/** The dialplan has the leg: we gave it back, the deadline struck, or the caller is gone. */
function leftUs(floor: Floor, call: Call): void {
  leaveInboundLine(floor, call);
  if (call.inbound === null || call.state === 'connected') return;
  call.inbound.stage = 'dialplan';
  if (call.desk) withdraw(floor, call, call.desk);
}

/** The caller's leg is gone: the call has ended, once; what they left is fetched. */
export function inboundEnded(floor: Floor, call: Call, stampMs: number): void {
  if (call.state === 'ended' || call.inbound === null) return;
  const talked = call.state === 'connected';
  call.state = 'ended';
  leaveInboundLine(floor, call);
  stopRescueTimer(call);
  floor.inbound.delete(call.legId);
  endSegment(floor, call, stampMs);
  noteInbound(floor, call, { result: talked ? 'talked' : call.inbound.result, stampMs });
  if (talked) noteConfirmedEnd(floor, call, stampMs);
  else if (call.inbound.stage === 'dialplan') void fetchVoicemail(floor, call.attemptId, call.legId);
  deskAfterCall(floor, call, talked);
}
