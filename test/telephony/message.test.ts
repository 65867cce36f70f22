import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Phone } from '../../scripts/robots/phone.ts';
import type { PhoneCall } from '../../scripts/robots/call.ts';
import type { AsteriskSwitch } from '../../server/telephony/asterisk/switch.ts';
import type { DebtorLeg, RecordedEvent } from '../../server/telephony/port.ts';
import { readRecording, wavOf } from '../../server/telephony/recording.ts';
import { trunkSettings } from '../../server/telephony/trunk.ts';
import { eventually } from '../support/conditions.ts';
import { voiceIsHeard } from '../support/hearing.ts';
import { listen, type News } from '../support/news.ts';
import { startSwitch, type TestSwitch } from '../support/switch.ts';
import { debtorLeg, switchOn } from '../support/telephone.ts';

/** What the campaign's own recording sounds like here. */
const OWN_HERTZ = 1_000;

let folder: string;
let farEnd: Phone;
let asterisk: TestSwitch;
let telephone: AsteriskSwitch;
let news: News;
let startedMs: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wusul-message-'));
  farEnd = await Phone.open(null);
  const trunk = trunkSettings.parse({ name: 'demo', kind: 'demo', uri: `sip:${farEnd.uri.split('@')[1]}` });
  asterisk = await startSwitch({ trunks: [trunk] });
  telephone = switchOn(asterisk);
  news = listen(telephone);
  await telephone.open();
  startedMs = await telephone.clockMs();
});
afterAll(async () => {
  await telephone.close();
  await asterisk.stop();
  await farEnd.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A person answers, nobody takes the call in time, and the message begins. */
async function unserved(change: Partial<DebtorLeg>): Promise<{ legId: string; person: PhoneCall }> {
  const called = farEnd.nextCall();
  const leg = debtorLeg('00', { connectWithinMs: 500, ...change });
  await telephone.callDebtor(leg);
  const person = await called;
  await person.up;
  return { legId: leg.legId, person };
}

async function recorded(legId: string, type: string): Promise<RecordedEvent> {
  let found: RecordedEvent | undefined;
  await eventually(`${type} is on the record`, async () => {
    found = (await telephone.recorded(startedMs)).find((event) => event.legId === legId && event.type === type);
    return found !== undefined;
  });
  if (found === undefined) throw new Error('unreachable');
  return found;
}

/** Four seconds of a tone at 16 kHz, as an admin might upload it. */
function ownRecording(): Buffer {
  const rate = 16_000;
  const samples = Buffer.alloc(rate * 4 * 2);
  for (let index = 0; index < rate * 4; index += 1) {
    samples.writeInt16LE(Math.round(10_000 * Math.sin((2 * Math.PI * OWN_HERTZ * index) / rate)), index * 2);
  }
  const header = wavOf(new Uint8Array(0));
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
}

test('a campaign’s own recording speaks where its file is there', async () => {
  const ownMessage = join(folder, 'own');
  writeFileSync(`${ownMessage}.ulaw`, readRecording(ownRecording()).sound);
  const { legId, person } = await unserved({ ownMessage });
  await person.hears((heard) => heard(OWN_HERTZ) > 0.1);
  expect((await recorded(legId, 'SPOKEN')).extra).toBe(ownMessage);
  await person.hangUp();
});

test('the recording that comes with Wusul speaks where the own one is missing or empty: nobody hears silence', async () => {
  writeFileSync(join(folder, 'empty.ulaw'), '');
  for (const name of ['missing', 'empty']) {
    const { legId, person } = await unserved({ ownMessage: join(folder, name) });
    await person.hears(voiceIsHeard);
    expect((await recorded(legId, 'SPOKEN')).extra).toBe('en/safe-harbour');
    await person.hangUp();
  }
});

test('the key that ends all calls is recorded by the switch and told to us; other keys change nothing', async () => {
  const { legId, person } = await unserved({ optOutKey: true });
  await person.hears(voiceIsHeard);
  person.press(1);
  await news.leg(legId, 'leg.digit');
  expect(news.words(legId)).not.toContain('ended');
  await person.hears(voiceIsHeard);
  person.press(9);
  expect((await recorded(legId, 'DO_NOT_CALL')).extra).toBe('9');
  await news.leg(legId, 'leg.ended');
  expect(news.words(legId).filter((word) => word === 'opted_out')).toEqual(['opted_out']);
});

test('where no key is offered none does anything', async () => {
  const { legId, person } = await unserved({});
  await person.hears(voiceIsHeard);
  person.press(9);
  await news.leg(legId, 'leg.digit');
  // The message goes on.
  await person.hears(voiceIsHeard);
  await person.hangUp();
  await news.leg(legId, 'leg.ended');
  const types = (await telephone.recorded(startedMs)).filter((event) => event.legId === legId).map((event) => event.type);
  expect(types).not.toContain('DO_NOT_CALL');
});
