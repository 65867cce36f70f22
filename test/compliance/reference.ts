/**
 * The gate again, slow and obvious, written from the rules' text and sharing no code with it: wall clock by Temporal for
 * every question, every event counted anew, no memory.
 */

export interface ReferenceCase {
  zones: string[];
  hours: { days: number[]; from: string; to: string }[];
  ramadan: { from: string; to: string } | null;
  holidays: string[];
  caps: { scope: 'person' | 'person+debt' | 'person+product' | 'number'; max: number; days?: number; minutes?: number }[];
  cooloffs: { days: number; dayOneIsEventDay: boolean; scope: 'person' | 'person+debt' }[];
  holds: { debt: string | null; phone: string | null; from: Temporal.Instant; until: Temporal.Instant | null }[];
  events: {
    at: Temporal.Instant;
    attempt: boolean;
    conversation: boolean;
    samePerson: boolean;
    sameNumber: boolean;
    debts: string[];
    products: string[];
  }[];
  debts: { id: string; product: string }[];
  phone: string;
  ringMinutes: number;
}

/** Whether a call may be placed at `at`. */
export function allowed(it: ReferenceCase, at: Temporal.Instant): boolean {
  // Every whole minute of the ringing, and the last moment before it ends.
  for (let minute = 0; minute < Math.max(1, it.ringMinutes); minute += 1) {
    if (!isOpen(it, at.add({ minutes: minute }))) return false;
  }
  return !capped(it, at) && !cooling(it, at) && !held(it, at);
}

function isOpen(it: ReferenceCase, at: Temporal.Instant): boolean {
  return it.zones.every((zone) => {
    const wall = at.toZonedDateTimeISO(zone);
    const clock = wall.toPlainTime().toString({ smallestUnit: 'minute' });
    const inHours = it.hours.some((rule) => rule.days.includes(wall.dayOfWeek) && rule.from <= clock && clock < rule.to);
    const ramadan = wall.withCalendar('islamic-umalqura').month === 9 && it.ramadan !== null;
    const inRamadanHours = !ramadan || (it.ramadan !== null && it.ramadan.from <= clock && clock < it.ramadan.to);
    return inHours && inRamadanHours && !it.holidays.includes(wall.toPlainDate().toString());
  });
}

function capped(it: ReferenceCase, at: Temporal.Instant): boolean {
  return it.caps.some((cap) =>
    subjects(it, cap.scope).some((concerns) =>
      it.zones.some((zone) => {
        const today = at.toZonedDateTimeISO(zone).toPlainDate();
        const count = it.events.filter((event) => {
          if (!event.attempt || Temporal.Instant.compare(event.at, at) > 0 || !concerns(event)) return false;
          if (cap.minutes !== undefined) return event.at.until(at).total('minutes') < cap.minutes;
          const first = today.subtract({ days: (cap.days ?? 1) - 1 });
          return Temporal.PlainDate.compare(event.at.toZonedDateTimeISO(zone).toPlainDate(), first) >= 0;
        }).length;
        return count >= cap.max;
      }),
    ),
  );
}

type Event = ReferenceCase['events'][number];

function subjects(it: ReferenceCase, scope: ReferenceCase['caps'][number]['scope']): ((event: Event) => boolean)[] {
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
  return it.cooloffs.some((cooloff) =>
    it.events.some((event) => {
      if (!event.conversation || !event.samePerson || Temporal.Instant.compare(event.at, at) > 0) return false;
      const discussed = event.debts.length === 0 || it.debts.some((debt) => event.debts.includes(debt.id));
      if (cooloff.scope === 'person+debt' && !discussed) return false;
      return it.zones.some((zone) => {
        const dayOne = event.at.toZonedDateTimeISO(zone).toPlainDate();
        const lastDay = dayOne.add({ days: cooloff.dayOneIsEventDay ? cooloff.days - 1 : cooloff.days });
        return Temporal.PlainDate.compare(at.toZonedDateTimeISO(zone).toPlainDate(), lastDay) <= 0;
      });
    }),
  );
}

function held(it: ReferenceCase, at: Temporal.Instant): boolean {
  return it.holds.some((hold) => {
    if (hold.debt !== null && !it.debts.some((debt) => debt.id === hold.debt)) return false;
    if (hold.phone !== null && hold.phone !== it.phone) return false;
    const begun = Temporal.Instant.compare(hold.from, at) <= 0;
    return begun && (hold.until === null || Temporal.Instant.compare(at, hold.until) < 0);
  });
}
