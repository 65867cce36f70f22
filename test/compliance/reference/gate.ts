/**
 * The gate again, slow and obvious, written from the rules' text and sharing no code with it: wall clock by Temporal for
 * every question, every event counted anew, no memory.
 */
import { ZONES_OF_COUNTRY } from './zones.ts';

export interface ReferenceEvent {
  at: Temporal.Instant;
  channel: 'call' | 'sms';
  attempt: boolean;
  couldLeaveMessage: boolean;
  conversation: boolean;
  promise: boolean;
  dispute: boolean;
  samePerson: boolean;
  sameNumber: boolean;
  debts: string[];
  products: string[];
}

export interface ReferenceCase {
  /** Empty: nobody knows, and all of the country's count. */
  zones: string[];
  country: string;
  channel: 'call' | 'sms';
  hours: { days: number[]; from: string; to: string; channels: 'all' | ('call' | 'sms')[] }[];
  ramadan: { from: string; to: string } | null;
  holidays: string[];
  inconvenient: { days: number[]; from: string; to: string }[];
  caps: {
    scope: 'person' | 'person+debt' | 'person+product' | 'number';
    event: 'outbound_call_attempt' | 'outbound_call_attempt_able_to_leave_message' | 'contact';
    max: number;
    days?: number;
    minutes?: number;
    startsAfterConversation: boolean;
  }[];
  cooloffs: {
    after: 'phone_conversation' | 'promise' | 'dispute';
    blocks: 'outbound_call_attempt' | 'contact';
    days: number;
    dayOneIsEventDay: boolean;
    scope: 'person' | 'person+debt';
  }[];
  holds: {
    debt: string | null;
    phone: string | null;
    workplaceOnly: boolean;
    from: Temporal.Instant;
    until: Temporal.Instant | null;
  }[];
  events: ReferenceEvent[];
  debts: { id: string; product: string }[];
  phone: string;
  atWork: boolean;
  ringMinutes: number;
}

/** Whether contact may be made at `at`. */
export function allowed(it: ReferenceCase, at: Temporal.Instant): boolean {
  // Every whole minute of the ringing, and the last moment before it ends.
  for (let minute = 0; minute < Math.max(1, it.ringMinutes); minute += 1) {
    if (!isOpen(it, at.add({ minutes: minute }))) return false;
  }
  return !capped(it, at) && !cooling(it, at) && !held(it, at);
}

function zonesOf(it: ReferenceCase): readonly string[] {
  return it.zones.length > 0 ? it.zones : (ZONES_OF_COUNTRY[it.country] ?? []);
}

function isOpen(it: ReferenceCase, at: Temporal.Instant): boolean {
  return zonesOf(it).every((zone) => {
    const wall = at.toZonedDateTimeISO(zone);
    const clock = wall.toPlainTime().toString({ smallestUnit: 'minute' });
    const inside = (range: { from: string; to: string }): boolean => range.from <= clock && clock < range.to;
    const covers = (channels: 'all' | string[]): boolean => channels === 'all' || channels.includes(it.channel);
    const inHours = it.hours.some((rule) => covers(rule.channels) && rule.days.includes(wall.dayOfWeek) && inside(rule));
    const ramadan = wall.withCalendar('islamic-umalqura').month === 9 && it.ramadan !== null;
    const inRamadanHours = !ramadan || (it.ramadan !== null && inside(it.ramadan));
    const disturbs = it.inconvenient.some((rule) => rule.days.includes(wall.dayOfWeek) && inside(rule));
    return inHours && inRamadanHours && !disturbs && !it.holidays.includes(wall.toPlainDate().toString());
  });
}

function capped(it: ReferenceCase, at: Temporal.Instant): boolean {
  const before = it.events.filter((event) => Temporal.Instant.compare(event.at, at) <= 0);
  const conversations = before.filter((event) => event.samePerson && event.conversation).map((event) => event.at);
  const first = conversations.toSorted((a, b) => Temporal.Instant.compare(a, b))[0];
  return it.caps.some((cap) => {
    if (it.channel !== 'call' && cap.event !== 'contact') return false;
    return subjects(it, cap.scope).some((concerns) =>
      zonesOf(it).some((zone) => {
        const today = at.toZonedDateTimeISO(zone).toPlainDate();
        const count = before.filter((event) => {
          if (!isCounted(cap.event, event) || !concerns(event)) return false;
          if (cap.startsAfterConversation && (first === undefined || Temporal.Instant.compare(event.at, first) <= 0))
            return false;
          if (cap.minutes !== undefined) return event.at.until(at).total('minutes') < cap.minutes;
          const firstDay = today.subtract({ days: (cap.days ?? 1) - 1 });
          return Temporal.PlainDate.compare(event.at.toZonedDateTimeISO(zone).toPlainDate(), firstDay) >= 0;
        }).length;
        return count >= cap.max;
      }),
    );
  });
}

function isCounted(what: ReferenceCase['caps'][number]['event'], event: ReferenceEvent): boolean {
  if (what === 'contact') return true;
  const call = event.attempt && event.channel === 'call';
  return what === 'outbound_call_attempt' ? call : call && event.couldLeaveMessage;
}

function subjects(it: ReferenceCase, scope: ReferenceCase['caps'][number]['scope']): ((event: ReferenceEvent) => boolean)[] {
  switch (scope) {
    case 'person':
      return [(event) => event.samePerson];
    case 'number':
      return [(event) => event.sameNumber];
    case 'person+debt':
      return it.debts.map((debt) => (event) => event.samePerson && (event.debts.length === 0 || event.debts.includes(debt.id)));
    case 'person+product':
      return it.debts.map(
        (debt) => (event) =>
          event.samePerson &&
          (event.debts.length === 0 || event.debts.includes(debt.id) || event.products.includes(debt.product)),
      );
  }
}

function cooling(it: ReferenceCase, at: Temporal.Instant): boolean {
  return it.cooloffs.some((cooloff) => {
    if (it.channel !== 'call' && cooloff.blocks !== 'contact') return false;
    return it.events.some((event) => {
      if (!began(cooloff.after, event) || !event.samePerson || Temporal.Instant.compare(event.at, at) > 0) return false;
      const discussed = event.debts.length === 0 || it.debts.some((debt) => event.debts.includes(debt.id));
      if (cooloff.scope === 'person+debt' && !discussed) return false;
      return zonesOf(it).some((zone) => {
        const dayOne = event.at.toZonedDateTimeISO(zone).toPlainDate();
        const lastDay = dayOne.add({ days: cooloff.dayOneIsEventDay ? cooloff.days - 1 : cooloff.days });
        return Temporal.PlainDate.compare(at.toZonedDateTimeISO(zone).toPlainDate(), lastDay) <= 0;
      });
    });
  });
}

function began(after: ReferenceCase['cooloffs'][number]['after'], event: ReferenceEvent): boolean {
  if (after === 'promise') return event.promise;
  if (after === 'dispute') return event.dispute;
  return event.conversation && event.channel === 'call';
}

function held(it: ReferenceCase, at: Temporal.Instant): boolean {
  return it.holds.some((hold) => {
    if (hold.debt !== null && !it.debts.some((debt) => debt.id === hold.debt)) return false;
    if (hold.phone !== null && hold.phone !== it.phone) return false;
    if (hold.workplaceOnly && !it.atWork) return false;
    const begun = Temporal.Instant.compare(hold.from, at) <= 0;
    return begun && (hold.until === null || Temporal.Instant.compare(at, hold.until) < 0);
  });
}
