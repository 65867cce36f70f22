let context: AudioContext | null = null;

/** The page's audio context, woken inside a click or key press: browsers keep it silent until then. */
export function unlockAudio(): AudioContext {
  context ??= new AudioContext();
  if (context.state === 'suspended') void context.resume();
  return context;
}

/** Two rising notes in the agent's ear alone, 180 ms: a debtor is on the line. Silent until the page was touched once. */
export function playConnectTone(): void {
  const audio = unlockAudio();
  note(audio, 660, 0, 0.09);
  note(audio, 880, 0.09, 0.09);
}

function note(audio: AudioContext, hertz: number, afterS: number, forS: number): void {
  const start = audio.currentTime + afterS;
  const oscillator = audio.createOscillator();
  const gain = audio.createGain();
  oscillator.frequency.value = hertz;
  // Ramps of 10 ms: a square edge would click.
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(0.2, start + 0.01);
  gain.gain.setValueAtTime(0.2, start + forS - 0.01);
  gain.gain.linearRampToValueAtTime(0, start + forS);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(start);
  oscillator.stop(start + forS);
}
