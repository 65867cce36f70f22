import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { createSocketRest } from '../../server/telephony/asterisk/rest.ts';
import type { AsteriskSwitch } from '../../server/telephony/asterisk/switch.ts';
import { listen, type News } from '../support/news.ts';
import { startSwitch, type TestSwitch } from '../support/switch.ts';
import { debtorLeg, switchOn } from '../support/telephone.ts';

describe('requests over the event socket', () => {
  const question = { method: 'POST', path: 'bridges/b/addChannel', query: { channel: 'a b' } } as const;

  test('say method, path and query, and get the answer of the same number, whatever the order', async () => {
    const sent: { request_id: string; method: string; uri: string }[] = [];
    const rest = createSocketRest((text) => void sent.push(JSON.parse(text)), 60_000);
    const [first, second] = [rest.ask(question), rest.ask({ method: 'POST', path: 'channels', body: { timeout: 3 } })];
    expect(sent).toMatchObject([
      { type: 'RESTRequest', method: 'POST', uri: 'bridges/b/addChannel?channel=a%20b' },
      { type: 'RESTRequest', uri: 'channels', content_type: 'application/json', message_body: '{"timeout":3}' },
    ]);
    const [one, two] = sent.map((request) => request.request_id);
    expect(rest.receive({ type: 'RESTResponse', request_id: two, status_code: 200, message_body: '{"id":"x"}' })).toBe(true);
    expect(rest.receive({ type: 'RESTResponse', request_id: one, status_code: 204 })).toBe(true);
    await expect(first).resolves.toBeNull();
    await expect(second).resolves.toEqual({ id: 'x' });
    expect(rest.receive({ type: 'StasisStart', channel: { id: 'x' } })).toBe(false);
  });

  test('fail by the words of the answer, and without an answer when the time is over or the socket is lost', async () => {
    const rest = createSocketRest(() => undefined, 60_000);
    const refused = rest.ask(question);
    rest.receive({ type: 'RESTResponse', request_id: '1', status_code: 404, message_body: '{"message":"Bridge not found"}' });
    await expect(refused).rejects.toMatchObject({ code: 'bridge_gone' });
    const lost = rest.ask(question);
    rest.abandon();
    await expect(lost).rejects.toMatchObject({ code: 'no_reply' });
    await expect(createSocketRest(() => undefined, 1).ask(question)).rejects.toMatchObject({ code: 'no_reply' });
  });
});

describe('a switch that takes requests over its event socket', () => {
  let asterisk: TestSwitch;
  let telephone: AsteriskSwitch;
  let news: News;
  beforeEach(async () => {
    asterisk = await startSwitch({});
    telephone = switchOn(asterisk);
    news = listen(telephone);
    await telephone.open();
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await telephone.close();
    await asterisk.stop();
  });

  test('is told what to do with a leg there and not over HTTP', async () => {
    const http = vi.spyOn(globalThis, 'fetch');
    const leg = debtorLeg('02');
    expect(await telephone.callDebtor(leg)).toEqual({ outcome: 'accepted' });
    await news.leg(leg.legId, 'leg.entered');
    await telephone.disarm(leg.legId);
    await telephone.hangUp(leg.legId);
    await news.leg(leg.legId, 'leg.ended');
    expect(http).not.toHaveBeenCalled();
  });
});
