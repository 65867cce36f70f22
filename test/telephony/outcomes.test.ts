import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { AsteriskSwitch } from '../../server/telephony/asterisk/switch.ts';
import { classifyEnd, type EndClass } from '../../server/telephony/causes.ts';
import { listen, type News } from '../support/news.ts';
import { startSwitch, type TestSwitch } from '../support/switch.ts';
import { debtorLeg, switchOn } from '../support/telephone.ts';

let asterisk: TestSwitch;
let telephone: AsteriskSwitch;
let news: News;

beforeAll(async () => {
  asterisk = await startSwitch();
  telephone = switchOn(asterisk);
  news = listen(telephone);
  await telephone.open();
});

afterAll(async () => {
  await telephone.close();
  await asterisk.stop();
});

describe.concurrent('the demo carrier', () => {
  const unanswered: [outcome: string, what: string, words: string[], end: EndClass][] = [
    ['80', 'busy', ['ended'], 'busy'],
    ['85', 'a number that does not exist', ['ended'], 'dead_number'],
    ['90', 'declined after ringing', ['ringing', 'ended'], 'declined'],
    ['93', 'no free line', ['ended'], 'congestion'],
    ['70', 'nobody answers', ['ringing', 'ended'], 'no_answer'],
    ['95', 'nothing is heard of the call', ['ended'], 'no_answer'],
    ['94', 'the network speaks, nobody answers', ['ended'], 'no_answer'],
  ];
  test.for(unanswered)('%s: %s', async ([outcome, , words, end]) => {
    const leg = debtorLeg(outcome, { ringTimeoutMs: 8_000 });
    expect(await telephone.callDebtor(leg)).toEqual({ outcome: 'accepted' });
    const ended = await news.leg(leg.legId, 'leg.ended');
    expect(news.words(leg.legId)).toEqual(words);
    expect(classifyEnd({ ...ended, answered: false, hungUpByUs: false })).toBe(end);
  });

  const answered: [outcome: string, what: string, verdict: string][] = [
    ['00', 'a person', 'human'],
    ['35', 'another person', 'human'],
    ['55', 'a person who says nothing', 'uncertain'],
    ['60', 'an answering machine', 'machine'],
  ];
  test.for(answered)('%s, screened: %s', async ([outcome, , verdict]) => {
    const leg = debtorLeg(outcome, { screening: true });
    await telephone.callDebtor(leg);
    const entered = await news.leg(leg.legId, 'leg.entered');
    expect(entered.screening).toMatchObject({ verdict });
    await telephone.hangUp(leg.legId);
    await news.leg(leg.legId, 'leg.ended');
  });

  test.for([
    ['Arabic', '+966500000007'],
    ['Persian', '+989120000007'],
  ] as const)('a person who greets in %s is a person', async ([, number]) => {
    const leg = debtorLeg('', { screening: true, number });
    await telephone.callDebtor(leg);
    expect((await news.leg(leg.legId, 'leg.entered')).screening).toMatchObject({ verdict: 'human' });
    await telephone.hangUp(leg.legId);
  });

  test.for([
    ['Arabic', '+966500000067'],
    ['Persian', '+989120000067'],
  ] as const)('a machine that greets in %s is a machine', async ([, number]) => {
    const leg = debtorLeg('', { screening: true, number });
    await telephone.callDebtor(leg);
    expect((await news.leg(leg.legId, 'leg.entered')).screening).toMatchObject({ verdict: 'machine' });
    await news.leg(leg.legId, 'leg.ended');
  });

  test('50: a person who hangs up after a second is answered, and gone before the verdict', async () => {
    const leg = debtorLeg('50', { screening: true });
    await telephone.callDebtor(leg);
    await news.leg(leg.legId, 'leg.ended');
    expect(news.words(leg.legId)).toEqual(['ringing', 'answered', 'ended']);
  });

  test('550096: a person of whose ringing the carrier says nothing (183, no 180) is heard of when they answer', async () => {
    const leg = debtorLeg('550096', { screening: true });
    await telephone.callDebtor(leg);
    expect((await news.leg(leg.legId, 'leg.entered')).screening).toMatchObject({ verdict: 'human' });
    expect(news.words(leg.legId)).toEqual(['answered', 'entered']);
    await telephone.hangUp(leg.legId);
  });

  test('97: answered at once, over after one and a half seconds', async () => {
    const leg = debtorLeg('97');
    await telephone.callDebtor(leg);
    const ended = await news.leg(leg.legId, 'leg.ended');
    const answer = await news.leg(leg.legId, 'leg.answered');
    expect(news.words(leg.legId)).toEqual(['answered', 'entered', 'left', 'ended']);
    expect(ended.stampMs - answer.stampMs).toBeGreaterThan(1_400);
    expect(ended.stampMs - answer.stampMs).toBeLessThan(1_900);
  });

  test('a machine is dealt with by the dialplan: hung up, or told the neutral message', async () => {
    const cut = debtorLeg('61', { screening: true });
    const told = debtorLeg('61', { screening: true, machineTreatment: 'neutral_message' });
    const calledMs = await telephone.clockMs();
    await Promise.all([telephone.callDebtor(cut), telephone.callDebtor(told)]);
    await Promise.all([news.leg(cut.legId, 'leg.ended'), news.leg(told.legId, 'leg.ended', 40_000)]);
    const record = await telephone.recorded(calledMs);
    const of = (legId: string): string[] => record.filter((event) => event.legId === legId).map((event) => event.type);
    expect(of(cut.legId)).toContain('SCREENED');
    expect(of(cut.legId)).not.toContain('MACHINE_MESSAGE');
    expect(of(told.legId)).toContain('MACHINE_MESSAGE');
    expect(news.words(told.legId)).not.toContain('left');
  });
});

describe('what cannot be dialed', () => {
  test('is refused before anything is sent', async () => {
    expect(await telephone.callDebtor(debtorLeg('00', { trunk: 'none' }))).toEqual({
      outcome: 'refused',
      reason: 'unknown trunk',
    });
    expect(await telephone.callDebtor(debtorLeg('00', { number: '0501234567' }))).toMatchObject({ outcome: 'refused' });
    const agent = { stationId: 'nobody', ringTimeoutMs: 1_000, purpose: 'agent', displayName: '' } as const;
    expect(await telephone.callAgent({ ...agent, legId: 'none-1' })).toMatchObject({ outcome: 'refused' });
  });

  test('under an id that is taken is in doubt: it may be the same call', async () => {
    const leg = debtorLeg('98', { connectWithinMs: 60_000 });
    await telephone.callDebtor(leg);
    await news.leg(leg.legId, 'leg.entered');
    expect(await telephone.callDebtor(leg)).toMatchObject({ outcome: 'unknown' });
    await telephone.hangUp(leg.legId);
    await news.leg(leg.legId, 'leg.ended');
  });

  test('a leg that has ended can be hung up again', async () => {
    await expect(telephone.hangUp('never-was')).resolves.toBeUndefined();
    await expect(telephone.join('no-bridge', 'never-was')).rejects.toMatchObject({ code: 'bridge_gone' });
  });
});
