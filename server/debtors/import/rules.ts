/** A row to be matched to a person: what it says of the debtor, and who the debt's debtor is so far. */
export interface Claim {
  identity: string | null;
  /** An identifier is given and fails its check. */
  badIdentity: boolean;
  foldedName: string;
  /** What a name is known by: numbers (E.164) and the bank account (IBAN), checked. */
  contacts: readonly string[];
  /** Debtor of the account where the account came before. */
  debtorId: string | null;
}

/** The people a batch may speak of, by what matching looks at. */
export interface KnownPeople {
  byIdentity: ReadonlyMap<string, string>;
  /** People by `nameAndContact`. */
  byNameAndContact: ReadonlyMap<string, readonly string[]>;
  /** Identity of everyone in the other two maps and of every debtor so far. */
  identityOf: ReadonlyMap<string, string | null>;
}

/** Who a row's debtor is. `adopts`: a person without identity turns out to have this one. */
export interface Match {
  partyId: string;
  isNew: boolean;
  adopts: boolean;
  /** Whether the row may change how the person's name is written: it proves who it speaks of, or nobody can. */
  renames: boolean;
}

/** The key under which a person without identifier is known again. */
export function nameAndContact(foldedName: string, contact: string): string {
  return `${foldedName}|${contact}`;
}

/**
 * Matches the rows of a batch to people, in their order. A valid identifier decides alone. Without one an account that came before keeps
 * its debtor; else a phone or an IBAN together with the same folded name decide. A shared phone or bank account alone never makes two people one. An identifier that
 * fails its check still says that someone has one: such a row is never taken for a person whose identifier is known to be another.
 * `newId` gives the id of each person met for the first time.
 */
export function matchDebtors(claims: readonly Claim[], people: KnownPeople, newId: () => string): Match[] {
  const byIdentity = new Map(people.byIdentity);
  const byNameAndContact = new Map<string, readonly string[]>(people.byNameAndContact);
  const identityOf = new Map(people.identityOf);

  function settle(claim: Claim): Match {
    if (claim.identity !== null) {
      const found = byIdentity.get(claim.identity);
      if (found !== undefined) return { partyId: found, isNew: false, adopts: false, renames: true };
      if (claim.debtorId !== null && identityOf.get(claim.debtorId) === null) {
        return { partyId: claim.debtorId, isNew: false, adopts: true, renames: true };
      }
      return { partyId: newId(), isNew: true, adopts: false, renames: true };
    }
    const found = claim.debtorId ?? firstKnown(claim);
    if (found === null) return { partyId: newId(), isNew: true, adopts: false, renames: true };
    return { partyId: found, isNew: false, adopts: false, renames: (identityOf.get(found) ?? null) === null };
  }

  function firstKnown(claim: Claim): string | null {
    const known = claim.contacts.flatMap((contact) => byNameAndContact.get(nameAndContact(claim.foldedName, contact)) ?? []);
    return known.find((id) => !claim.badIdentity || (identityOf.get(id) ?? null) === null) ?? null;
  }

  return claims.map((claim) => {
    const match = settle(claim);
    if (match.isNew || match.adopts) identityOf.set(match.partyId, claim.identity);
    if (claim.identity !== null) byIdentity.set(claim.identity, match.partyId);
    for (const contact of claim.contacts) {
      const key = nameAndContact(claim.foldedName, contact);
      const holders = byNameAndContact.get(key) ?? [];
      if (!holders.includes(match.partyId)) byNameAndContact.set(key, [...holders, match.partyId]);
    }
    return match;
  });
}
