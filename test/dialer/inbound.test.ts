import { describe, expect, it } from 'vitest';
import { DEFAULT_INBOUND } from '../../server/contract/inbound.ts';
import { announcement, choiceOf, chooseCampaign, initialsOf, isOpen, mayTakeAgent } from '../../server/dialer/inbound/rules.ts';
import { callerNumber, calledForms } from '../../server/telephony/numbers.ts';
import { legOfVoicemail, fileOfVoicemail } from '../../server/telephony/asterisk/inbound.ts';

const NATIONAL = { form: 'national', countryCode: '966', nationalPrefix: '0', prefix: '9' } as const;
const PLUS = { form: 'plus', nationalPrefix: '0', prefix: '' } as const;

describe('a caller', () => {
  it('never takes an agent from somebody whom we called', () => {
    const line = { able: 1, answeredWaiting: 0, mode: 'progressive', inFlight: 0 };
    expect(mayTakeAgent(line)).toBe(true);
    expect(mayTakeAgent({ ...line, answeredWaiting: 1 })).toBe(false);
    expect(mayTakeAgent({ ...line, inFlight: 1 })).toBe(false);
    expect(mayTakeAgent({ ...line, able: 2, inFlight: 1 })).toBe(true);
    expect(mayTakeAgent({ ...line, mode: 'predictive', inFlight: 5 })).toBe(true);
    expect(mayTakeAgent({ ...line, able: 0 })).toBe(false);
  });

  it('is told the place in the line, and offered keys once that is due, or at once while nobody is on duty', () => {
    const waiting = { place: 3, waitedMs: 0, agents: 1, settings: DEFAULT_INBOUND, greeted: false };
    expect(announcement(waiting).sounds.slice(0, 3)).toEqual(['inbound-wait', 'inbound-position', 'numbers/3']);
    expect(announcement(waiting).offers).toBe(false);
    expect(announcement({ ...waiting, agents: 0 }).offers).toBe(true);
    expect(announcement({ ...waiting, waitedMs: 60_000 }).sounds).toContain('inbound-choice-voicemail');
    expect(announcement({ ...waiting, place: 11, greeted: true }).sounds[0]).toBe('music/calm');
    const neither = { ...DEFAULT_INBOUND, callback: false, voicemail: false };
    expect(announcement({ ...waiting, agents: 0, settings: neither }).offers).toBe(false);
  });

  it('is understood by the keys that the campaign offers', () => {
    expect(choiceOf('1', DEFAULT_INBOUND)).toBe('callback');
    expect(choiceOf('2', { ...DEFAULT_INBOUND, voicemail: false })).toBeNull();
    expect(choiceOf('5', DEFAULT_INBOUND)).toBeNull();
  });

  it('reaches the campaign they were called for, if anybody works there', () => {
    const [quiet, busy] = [
      { id: 'quiet', running: true, agents: 0 },
      { id: 'busy', running: true, agents: 2 },
    ];
    expect(chooseCampaign([quiet, busy], 'quiet')?.id).toBe('busy');
    expect(chooseCampaign([quiet, { ...busy, agents: 0 }], 'busy')?.id).toBe('busy');
    expect(chooseCampaign([], null)).toBeNull();
  });

  it('is shown by initials in any script', () => {
    expect(initialsOf('Amal al-Harbi')).toBe('A. a.');
    expect(initialsOf('محمد الحربي')).toBe('م. ا.');
    expect(initialsOf('٣ «خانه»')).toBe('خ.');
  });
});

it('hours are those of the campaign’s zone, their end left out', () => {
  const hours = [{ days: [7], from: '09:00', to: '18:00' }];
  const at = (text: string): boolean => isOpen(hours, 'Asia/Riyadh', Temporal.Instant.from(text));
  expect(at('2026-11-22T06:00:00Z')).toBe(true);
  expect(at('2026-11-22T05:59:59Z')).toBe(false);
  expect(at('2026-11-22T15:00:00Z')).toBe(false);
  expect(at('2026-11-23T06:00:00Z')).toBe(false);
});

it('numbers of callers are read as the trunk writes them', () => {
  expect(callerNumber('+966501234567', PLUS)).toBe('+966501234567');
  expect(callerNumber('966501234567', PLUS)).toBe('+966501234567');
  expect(callerNumber('0501234567', NATIONAL)).toBe('+966501234567');
  expect(callerNumber('00441632960000', NATIONAL)).toBe('+441632960000');
  expect(callerNumber('', PLUS)).toBeNull();
  expect(callerNumber('0', PLUS)).toBeNull();
  expect(calledForms('+966112345678', NATIONAL)).toEqual(['966112345678', '00966112345678', '0112345678']);
});

it('a voice message is found by its leg', () => {
  expect(legOfVoicemail(fileOfVoicemail('wusul-1795337348.12'))).toBe('wusul-1795337348.12');
  expect(legOfVoicemail('another')).toBeNull();
});
