import { reasonWords } from '../i18n/reason-words.ts';
import type { Locale } from '../i18n/locale.tsx';
import type { AbandonmentRule, CapRule, CooloffRule, HoursRule, Known } from './pack-draft.ts';
import type { Statement } from './pack-difference.ts';

/** What one rule says, as a sentence. */
export function statementWords(locale: Locale, statement: Statement): string {
  const { say, format } = locale;
  const types = (items: readonly string[]): string =>
    format.list(items.map((type) => locale.sayIfKnown(`numberType.${type}`) ?? type));
  switch (statement.part) {
    case 'name':
      return say('said.name', { name: statement.rule });
    case 'applies':
      return say('said.applies', { applies: statement.rule });
    case 'base':
      return say('pack.base', { base: statement.rule });
    case 'countries':
      return say('said.place', { place: format.country(statement.rule) });
    case 'regions':
      return say('said.place', { place: statement.rule });
    case 'zone':
      return say('said.zone', { zone: statement.rule });
    case 'hours':
      return hoursWords(locale, statement.rule);
    case 'ramadanHours':
      return say('said.ramadan', span(locale, statement.rule));
    case 'holidays': {
      const { name, date } = statement.rule;
      return say('said.holiday', { name, date: date === null ? '…' : format.day(date) });
    }
    case 'closedOnHolidays':
      return say('said.closedOnHolidays');
    case 'caps':
      return capWords(locale, statement.rule);
    case 'cooloffs':
      return cooloffWords(locale, statement.rule);
    case 'holds':
      return say('said.hold', {
        hold: reasonWords(locale, statement.rule.flag),
        blocks: say(`holdBlocks.${statement.rule.blocks}`),
      });
    case 'channels': {
      const { allow, deny } = statement.rule;
      const named = (channels: readonly string[]): string =>
        channels.length === 0
          ? say('said.none')
          : format.list(channels.map((each) => locale.sayIfKnown(`channel.${each}`) ?? each));
      const denied = say('said.channelsDenied', { channels: named(deny) });
      return allow === undefined ? denied : `${say('said.channelsAllowed', { channels: named(allow) })} ${denied}`;
    }
    case 'numberTypes':
      return say('said.numberTypes', { types: types(statement.rule.deny) });
    case 'recordedSoundNeedsConsent':
      return say('said.recordedSound', { types: types(statement.rule.items) });
    case 'abandonment':
      return abandonmentWords(locale, statement.rule);
    case 'optOutByKey':
      return say('said.optOutByKey');
    case 'disclosures':
      return say('said.disclosure', { when: statement.rule.when, text: statement.rule.text });
    case 'forbiddenWords':
      return say('said.forbiddenWords', { words: format.list(statement.rule.items) });
    case 'retention': {
      const { what, years, from } = statement.rule;
      return years === null ? say('said.keptAlways', { what }) : say('said.kept', { what, from, years: format.number(years) });
    }
  }
}

/** Where a rule is written and how well it is known; null for what is no rule, such as a place. */
export function knownOf({ rule }: Statement): Known | null {
  return typeof rule === 'object' ? rule : null;
}

/** The days, times and channels of hours. */
export function hoursWords(locale: Locale, rule: HoursRule): string {
  const { say, format } = locale;
  const channels =
    rule.channels === 'all'
      ? say('channels.all')
      : format.list(rule.channels.map((channel) => locale.sayIfKnown(`channel.${channel}`) ?? channel));
  const days = rule.days.length === 7 ? say('said.everyDay') : format.list(rule.days.map((day) => format.weekday(day)));
  return say('said.hours', { ...span(locale, rule), days: days === '' ? '…' : days, channels });
}

/** How many of what in which time. */
export function capWords(locale: Locale, rule: CapRule): string {
  const { say } = locale;
  const cap = say('said.cap', {
    event: say(`capEvent.${rule.event}`),
    scope: say(`capScope.${rule.scope}`),
    max: figure(locale, rule.max),
    period: periodWords(locale, rule),
  });
  return rule.severity === 'warn' ? say('said.warning', { rule: cap }) : cap;
}

function periodWords(locale: Locale, { unit, length }: CapRule): string {
  return locale.say(unit === 'days' ? 'pack.days' : 'pack.minutes', { n: figure(locale, length) });
}

function cooloffWords(locale: Locale, rule: CooloffRule): string {
  const { say } = locale;
  const cooloff = say('said.cooloff', {
    cause: say(`cooloffCause.${rule.after}`),
    blocks: say(`cooloffBlocks.${rule.blocks}`),
    days: say('pack.days', { n: figure(locale, rule.days) }),
    scope: say(`capScope.${rule.scope}`),
  });
  return rule.severity === 'warn' ? say('said.warning', { rule: cooloff }) : cooloff;
}

function abandonmentWords(locale: Locale, rule: AbandonmentRule): string {
  const { say, format } = locale;
  const seconds = (ms: number | null): string => figure(locale, ms === null ? null : ms / 1_000);
  return say('said.abandonment', {
    share: rule.maxShare === null ? '…' : format.percent(rule.maxShare),
    period: say(`abandonment.window.${rule.period}`),
    within: seconds(rule.connectWithinMs),
    start: say(`abandonment.clock.${rule.clockStart}`),
    ring: seconds(rule.minimumRingMs),
    hours: figure(locale, rule.redialBlockHours),
  });
}

function span({ format }: Locale, { from, to }: { from: string | null; to: string | null }): { from: string; to: string } {
  return { from: from === null ? '…' : format.clock(from), to: to === null ? '…' : format.clock(to) };
}

function figure({ format }: Locale, value: number | null): string {
  return value === null ? '…' : format.number(value);
}
