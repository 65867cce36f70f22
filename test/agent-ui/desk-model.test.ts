import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Desk } from '../../server/contract/desk.ts';
import { hear, mayReturn, NO_DESK, serverNow, type DeskModel, type DeskNews } from '../../agent-ui/src/connection/desk-model.ts';
import { allowed, callOnDesk, offlineForMs, screenOf } from '../../agent-ui/src/agent/desk-view.ts';
import { aCall, aDesk } from './desks.ts';

const AT = Date.parse('2026-06-01T09:00:00Z');

function deskAt(seq: number, secondsLater: number, part: Partial<Desk> = {}): Desk {
  return aDesk({ ...part, seq, serverTime: new Date(AT + secondsLater * 1000).toISOString() });
}

function after(...news: DeskNews[]): DeskModel {
  return news.reduce(hear, NO_DESK);
}

const OPENED: DeskNews[] = [{ type: 'link_open' }, { type: 'snapshot', desk: deskAt(5, 0), atMs: 1_000 }];

describe('the desk in the browser', () => {
  it('is whole after a snapshot, and belongs to this tab', () => {
    expect(after(...OPENED)).toMatchObject({ link: 'open', claim: 'mine', desk: { seq: 5 }, needsSnapshot: false });
  });

  it('takes the next change as it comes', () => {
    const model = after(...OPENED, { type: 'desk', desk: deskAt(6, 1, { state: 'ready' }), atMs: 2_000 });
    expect(model).toMatchObject({ desk: { seq: 6, state: 'ready' }, needsSnapshot: false });
  });

  it('drops late news', () => {
    const model = after(...OPENED, { type: 'desk', desk: deskAt(4, -1), atMs: 2_000 });
    expect(model.desk?.seq).toBe(5);
  });

  it('asks for everything after a gap, and shows the newer state meanwhile', () => {
    const model = after(...OPENED, { type: 'desk', desk: deskAt(8, 1), atMs: 2_000 });
    expect(model).toMatchObject({ desk: { seq: 8 }, needsSnapshot: true });
  });

  it('believes a lower number with a newer clock: a dialer that took the floor anew', () => {
    const model = after(...OPENED, { type: 'desk', desk: deskAt(1, 30), atMs: 31_000 });
    expect(model).toMatchObject({ desk: { seq: 1 }, needsSnapshot: true });
  });

  it('keeps what it shows while the line is lost, and says so only after two seconds', () => {
    const model = after(...OPENED, { type: 'link_lost', atMs: 10_000 });
    expect(model.desk?.seq).toBe(5);
    expect(offlineForMs(model, 11_999)).toBeNull();
    expect(offlineForMs(model, 12_000)).toBe(2_000);
    expect(offlineForMs(hear(model, { type: 'link_open' }), 20_000)).toBeNull();
  });

  it('counts the loss from its first moment', () => {
    const model = after(...OPENED, { type: 'link_lost', atMs: 10_000 }, { type: 'link_lost', atMs: 14_000 });
    expect(offlineForMs(model, 15_000)).toBe(5_000);
  });

  it('tells the server’s time by the fastest message, never by the browser’s calendar', () => {
    const model = after(...OPENED, { type: 'desk', desk: deskAt(6, 10), atMs: 10_400 });
    // The second came faster: sent at +10 s, seen 9.4 s after the first was.
    expect(serverNow(model, 10_400)).toBe(AT + 10_000);
  });

  it('stays with whoever took it, through every reconnection', () => {
    const model = after(...OPENED, { type: 'taken' }, { type: 'link_lost', atMs: 1 }, { type: 'link_open' });
    expect(screenOf(model)).toBe('taken');
  });

  it('never shows an older desk than one it has shown, whatever comes', () => {
    const news = fc.array(fc.record({ seq: fc.nat(20), later: fc.nat(50) }), { maxLength: 30 });
    fc.assert(
      fc.property(news, (heard) => {
        let model = after(...OPENED);
        for (const { seq, later } of heard) {
          const before = model.desk;
          model = hear(model, { type: 'desk', desk: deskAt(seq, later), atMs: 2_000 });
          if (!before || !model.desk) throw new Error('a desk was lost');
          const older = model.desk.seq < before.seq && model.desk.serverTime <= before.serverTime;
          expect(older).toBe(false);
        }
      }),
    );
  });
});

describe('a page that was loaded anew', () => {
  it('takes its own desk back, but only soon, and only if it is the same page', () => {
    expect(mayReturn('reload', 1_000, 5_000)).toBe(true);
    expect(mayReturn('reload', 1_000, 40_000)).toBe(false);
    expect(mayReturn('navigate', 1_000, 5_000)).toBe(false);
    expect(mayReturn('reload', null, 5_000)).toBe(false);
  });
});

describe('the buttons', () => {
  function at(part: Partial<Desk>): DeskModel {
    return after({ type: 'link_open' }, { type: 'snapshot', desk: deskAt(1, 0, part), atMs: 0 });
  }

  it('of a call are there only while one is up', () => {
    expect(allowed(at({ state: 'talking', call: aCall() }))).toMatchObject({
      hangUp: true,
      hold: true,
      mute: true,
      keypad: true,
      dispose: false,
    });
    expect(allowed(at({ state: 'wrap_up', call: aCall({ phase: 'ended' }) }))).toMatchObject({
      hangUp: false,
      hold: false,
      mute: false,
      dispose: true,
    });
    expect(allowed(at({ state: 'ready' }))).toMatchObject({ hangUp: false, pause: true, dispose: false });
  });

  it('leave only the own microphone while the debtor hears music or the line is lost', () => {
    expect(allowed(at({ state: 'talking', call: aCall({ phase: 'music' }) }))).toMatchObject({
      hold: false,
      keypad: false,
      hangUp: true,
      mute: true,
    });
    const lost = hear(at({ state: 'talking', call: aCall() }), { type: 'link_lost', atMs: 5 });
    expect(allowed(lost)).toMatchObject({ hold: false, hangUp: false, mute: true, pause: false });
  });

  it('let a wish for a pause be taken back', () => {
    expect(allowed(at({ state: 'talking', call: aCall(), pauseAfterCall: 'prayer' }))).toMatchObject({
      pause: false,
      takeBackPause: true,
    });
    expect(allowed(at({ state: 'talking', call: aCall(), logOutAfterCall: true }))).toMatchObject({
      takeBackPause: true,
      logOut: false,
    });
  });
});

describe('the page', () => {
  it('shows the file from the bridge until the outcome is saved', () => {
    const call = aCall();
    expect(callOnDesk(aDesk({ state: 'offered', call }))).toBeNull();
    expect(callOnDesk(aDesk({ state: 'talking', call }))).toBe(call);
    expect(callOnDesk(aDesk({ state: 'wrap_up', call }))).toBe(call);
    expect(callOnDesk(aDesk({ state: 'paused', call: null }))).toBeNull();
  });
});
