/** The recordings that come with Wusul (dialplans/sounds), by language. A site's own recording is named by its absolute path without ending. */
export const SOUND_LANGUAGES = ['ar', 'fa', 'en'] as const;
export type SoundLanguage = (typeof SOUND_LANGUAGES)[number];

/** `safe-harbour`: to a person nobody could take in time; `opt-out-key`: after it, which key ends all calls. `machine-message`: neutral, to a machine. `apology`: the agent was lost. `echo-test`: at the station test. `trunk-test`: asks for a key on the test call of a trunk; `trunk-test-passed`: after it. */
export const SPOKEN_SOUNDS = [
  'safe-harbour',
  'opt-out-key',
  'machine-message',
  'apology',
  'echo-test',
  'trunk-test',
  'trunk-test-passed',
] as const;
export type SpokenSound = (typeof SPOKEN_SOUNDS)[number];

/** The key that puts a number on the do-not-call list while the safe-harbour message speaks; the recordings name it. */
export const OPT_OUT_KEY = '9';
/** How long after the message somebody may look for the key, and what all of it may take at most, in seconds. */
export const KEY_WAIT_SECONDS = 4;
export const MESSAGE_GUARD_SECONDS = 60;

/** The language a debtor is spoken to in: their own where there are recordings, else English. */
export function soundLanguage(language: string | null): SoundLanguage {
  return SOUND_LANGUAGES.find((known) => known === language) ?? 'en';
}

/** The switch's name of a recording in a language. */
export function soundName(sound: SpokenSound, language: SoundLanguage): string {
  return `${language}/${sound}`;
}

/** What a caller hears, said in the language of their leg (`takeIn`). The dialplan says the rest. */
export const INBOUND_SOUNDS = {
  music: 'music/calm',
  wait: 'inbound-wait',
  position: 'inbound-position',
  choiceCallback: 'inbound-choice-callback',
  choiceVoicemail: 'inbound-choice-voicemail',
  choiceStay: 'inbound-choice-stay',
} as const;

/** So far there are recordings of numbers. */
export const HIGHEST_SPOKEN_NUMBER = 10;

/** The sound of a number from 1 to `HIGHEST_SPOKEN_NUMBER`. */
export function numberSound(number: number): string {
  return `numbers/${number}`;
}
