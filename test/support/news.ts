import type { LegEvent, Switch, SwitchEvent } from '../../server/telephony/port.ts';
import { eventually } from './conditions.ts';

/** Everything a switch told, in order, and ways to wait for more of it. */
export interface News {
  all: SwitchEvent[];
  /** What was told of one leg. */
  of(legId: string): LegEvent[];
  /** Words of one leg's news, without `leg.`. */
  words(legId: string): string[];
  /** Waits until a leg's news has one of this type; the first one is returned. */
  leg<Type extends LegEvent['type']>(legId: string, type: Type, limitMs?: number): Promise<Extract<LegEvent, { type: Type }>>;
  /** Waits until the link's news holds `count` of this type. */
  link(type: SwitchEvent['type'], count?: number, limitMs?: number): Promise<void>;
}

/** Listens to a switch from now on. */
export function listen(telephone: Switch): News {
  const all: SwitchEvent[] = [];
  telephone.subscribe((event) => all.push(event));
  const of = (legId: string): LegEvent[] => all.filter((event) => 'legId' in event).filter((event) => event.legId === legId);
  return {
    all,
    of,
    words: (legId) => of(legId).map((event) => event.type.replace('leg.', '')),
    async leg<Type extends LegEvent['type']>(legId: string, type: Type, limitMs = 20_000) {
      const find = (): Extract<LegEvent, { type: Type }> | undefined =>
        of(legId).find((event): event is Extract<LegEvent, { type: Type }> => event.type === type);
      await eventually(`${type} of ${legId}; so far ${JSON.stringify(of(legId))}`, () => find() !== undefined, limitMs);
      const found = find();
      if (found === undefined) throw new Error('unreachable');
      return found;
    },
    async link(type, count = 1, limitMs = 20_000) {
      await eventually(`${count} × ${type}`, () => all.filter((event) => event.type === type).length >= count, limitMs);
    },
  };
}
