import type { MicrophoneFault } from './phone.ts';

/** What a conversation needs of a microphone; the browser removes the loudspeaker's echo and steadies the level. */
export const MICROPHONE: MediaStreamConstraints = {
  audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  video: false,
};

/** Why getUserMedia failed, in the words of the console. */
export function microphoneFaultOf(error: unknown): MicrophoneFault {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  if (name === 'NotReadableError' || name === 'AbortError') return 'busy';
  return 'missing';
}

/** Opens the microphone. Throws the browser's error; `insecure` pages have no microphone at all. */
export async function openMicrophone(): Promise<MediaStream | 'insecure'> {
  // The type says always there, an insecure page knows better.
  const devices = (navigator as { mediaDevices?: MediaDevices }).mediaDevices;
  return devices ? devices.getUserMedia(MICROPHONE) : 'insecure';
}

/** Gives the microphone back to the machine, so that its light goes out. */
export function closeMicrophone(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
