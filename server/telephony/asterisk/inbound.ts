/** How numbers that we answer, and voice messages, are named on the switch (no I/O). */
import { calledForms } from '../numbers.ts';
import type { AnsweredNumber, LiveLeg } from '../port.ts';
import type { TrunkSettings } from '../trunk.ts';

type Trunks = readonly Pick<TrunkSettings, 'number'>[];

/** Names of files in Asterisk's folder of recordings, as dialplans/inbound.conf writes them. */
const VOICEMAIL = 'wusul-voicemail-';

/** The variables of dialplans/inbound.conf: for every way a trunk may write a number, who answers it. */
export function switchVariables(numbers: readonly AnsweredNumber[], trunks: Trunks, application: string): Map<string, string> {
  const variables = new Map<string, string>();
  for (const { number, voicemail } of numbers) {
    for (const form of formsOf(number, trunks)) {
      variables.set(`WUSUL_INBOUND_${form}`, application);
      variables.set(`WUSUL_VOICEMAIL_${form}`, voicemail ? 'yes' : 'no');
    }
  }
  return variables;
}

/** Which of our numbers, in E.164, the digits mean that a carrier sent; null for none. */
export function numberCalled(numbers: readonly AnsweredNumber[], trunks: Trunks, digits: string): string | null {
  return numbers.find(({ number }) => formsOf(number, trunks).has(digits))?.number ?? null;
}

function formsOf(number: string, trunks: Trunks): Set<string> {
  return new Set(trunks.flatMap((trunk) => calledForms(number, trunk.number)));
}

/** The name under which Asterisk keeps what was said on a leg; a point in it would end the name. */
export function fileOfVoicemail(legId: string): string {
  return `${VOICEMAIL}${legId.replaceAll('.', '-')}`;
}

/** The leg of a voice message, or null for a recording that is none. The number after its last dash counts the legs of a second. */
export function legOfVoicemail(name: string): string | null {
  return name.startsWith(VOICEMAIL) ? name.slice(VOICEMAIL.length).replace(/-(\d+)$/, '.$1') : null;
}

/** Where a leg of dialplans/inbound.conf is: with an application, or served by the dialplan; null for any other leg. */
export function waitsFor(dialplan: { context: string; app_name: string; app_data: string }): LiveLeg['inbound'] {
  if (dialplan.context !== 'inbound') return null;
  return { waitsFor: dialplan.app_name === 'Stasis' ? (dialplan.app_data.split(',')[0] ?? '') : null };
}
