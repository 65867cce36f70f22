/** Whom a list's guarantors, co-debtors and attorneys are, beside who stood for the debts before. */
import type { RelatedRole } from '../../../contract/by-hand.ts';
import { nameAndContact } from '../rules.ts';
import type { StatedPerson, StatedRelation } from './rows.ts';

/** Whom the creditor's lists said last in a place, as that person is known now. */
export interface ListedRelation {
  role: RelatedRole;
  place: number;
  partyId: string;
  digest: string;
  /** The relation is the list's; one that was there before it is not. */
  brought: boolean;
  name: string;
  foldedName: string;
  /** An identifier says who it is. */
  proven: boolean;
  /** Stands for other debts, too. */
  elsewhere: boolean;
  numbers: readonly string[];
}

/** A debt of the list beside who stands for it. */
export interface RelatedDebt {
  debtId: string;
  stated: readonly StatedRelation[];
  standing: readonly { partyId: string; role: RelatedRole | 'debtor' }[];
  listed: readonly ListedRelation[];
}

/** A place in which a list says something else than the one before it. `person` null: nobody any more. */
export interface NewStatement {
  debtId: string;
  role: RelatedRole;
  place: number;
  person: StatedPerson | null;
  before: ListedRelation | null;
}

/** Whom a statement means, and what becomes of the relations. */
export interface Decision extends NewStatement {
  /** Null: nobody any more. */
  partyId: string | null;
  isNew: boolean;
  /** Whether the person's name is written as the list has it. */
  renames: boolean;
  /** A relation comes: nobody had made it before. */
  added: boolean;
  /** The relation of `before` goes. */
  removed: boolean;
  /** The relation in this place is the list's from now on. */
  brought: boolean;
}

/**
 * What is new in the list. A list repeats itself every day and knows nothing of what people did by hand since, so only what differs from its
 * last word counts. Where it cannot be read, everything stays. `roles`: those that the list has columns for; of the others it says nothing.
 */
export function newStatements(debts: readonly RelatedDebt[], roles: readonly RelatedRole[]): NewStatement[] {
  return debts.flatMap(({ debtId, stated, listed }) => {
    const before = new Map(listed.map((each) => [`${each.role} ${each.place}`, each]));
    const said = stated.flatMap(({ role, place, person }): NewStatement[] => {
      const last = before.get(`${role} ${place}`) ?? null;
      before.delete(`${role} ${place}`);
      return person === null || person.digest === last?.digest ? [] : [{ debtId, role, place, person, before: last }];
    });
    const gone = [...before.values()].filter(({ role }) => roles.includes(role));
    return [...said, ...gone.map((last) => ({ debtId, role: last.role, place: last.place, person: null, before: last }))];
  });
}

/**
 * Decides whom new statements mean. The same name in the same place is the same person with other numbers; another name with one of the
 * numbers is another spelling where nothing but this list knows the person, else another person. Whoever is met for the first time is known by
 * name and number together, and is never the debtor of that debt, whatever they share. Who stands for the debt already, by hand or in another
 * role, stays what they are.
 * `namesakes`: known people by `nameAndContact`. `newId` gives the id of each person nobody knows.
 */
export function decideRelations(
  statements: readonly NewStatement[],
  debts: readonly RelatedDebt[],
  namesakes: ReadonlyMap<string, readonly string[]>,
  newId: () => string,
): Decision[] {
  const known = new Map<string, readonly string[]>(namesakes);
  const standing = new Map(debts.map((debt) => [debt.debtId, new Map(debt.standing.map((each) => [each.partyId, each.role]))]));
  const roleOf = (debtId: string, partyId: string) => standing.get(debtId)?.get(partyId);
  const leaving = statements.map((statement) => {
    const { debtId, role, before, person } = statement;
    const stood = before !== null && roleOf(debtId, before.partyId) === role;
    const stays = stood && person !== null && isSame(person, before);
    return { statement, stays, removed: stood && !stays && before.brought };
  });
  // Whoever leaves one place may come in another.
  for (const { statement, removed } of leaving) {
    if (removed && statement.before !== null) standing.get(statement.debtId)?.delete(statement.before.partyId);
  }
  return leaving.map(({ statement, stays, removed }): Decision => {
    const { debtId, role, person, before } = statement;
    if (person === null) {
      return { ...statement, partyId: null, isNew: false, renames: false, added: false, removed, brought: false };
    }
    if (stays && before !== null) {
      const renames = !before.proven && before.brought && person.name !== before.name;
      remember(person, before.partyId);
      return { ...statement, partyId: before.partyId, isNew: false, renames, added: false, removed, brought: before.brought };
    }
    const found = meant(person, debtId);
    const partyId = found ?? newId();
    const added = roleOf(debtId, partyId) === undefined;
    if (added) standing.get(debtId)?.set(partyId, role);
    remember(person, partyId);
    return { ...statement, partyId, isNew: found === null, renames: false, added, removed, brought: added };
  });

  function meant({ foldedName, phones }: StatedPerson, debtId: string): string | null {
    const people = phones.flatMap(({ e164 }) => known.get(nameAndContact(foldedName, e164)) ?? []);
    return people.find((id) => roleOf(debtId, id) !== 'debtor') ?? null;
  }

  function remember({ foldedName, phones }: StatedPerson, partyId: string): void {
    for (const { e164 } of phones) {
      const key = nameAndContact(foldedName, e164);
      const people = known.get(key) ?? [];
      if (!people.includes(partyId)) known.set(key, [...people, partyId]);
    }
  }
}

function isSame(person: StatedPerson, before: ListedRelation): boolean {
  if (person.foldedName === before.foldedName) return true;
  const sharesNumber = person.phones.some((phone) => before.numbers.includes(phone.e164));
  return sharesNumber && before.brought && !before.proven && !before.elsewhere;
}

/** How many relations came, changed (another person, name or number in their place) and went. */
export interface RelatedCounts {
  added: number;
  changed: number;
  removed: number;
}

/** Counts decisions; one that finds everything as the list says counts nowhere. */
export function countRelations(decisions: readonly Decision[]): RelatedCounts {
  const changed = decisions.filter(({ partyId, added, removed, before }) =>
    added ? removed : partyId !== null && before !== null && partyId === before.partyId,
  ).length;
  const added = decisions.filter((each) => each.added && !each.removed).length;
  return { added, changed, removed: decisions.filter((each) => each.removed && !each.added).length };
}
