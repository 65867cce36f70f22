/** A row to be matched to a person: what it says of the debtor, and who the debt's debtor is so far. */
export interface Claim {
  identity: string | null;
  foldedName: string;
  /** E.164 */
  phones: readonly string[];
  /** Debtor of the account where the account came before. */
  debtorId: string | null;
}

/** A person as known before a batch, by what matching looks at. */
export interface KnownPerson {
  id: string;
  identity: string | null;
}

export interface KnownPeople {
  byIdentity: ReadonlyMap<string, string>;
  /** Keyed by `nameAndPhone`. */
  byNameAndPhone: ReadonlyMap<string, string>;
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
export function nameAndPhone(foldedName: string, e164: string): string {
  return `${foldedName}|${e164}`;
}

/**
 * Matches the rows of a batch to people, in their order. A valid identifier decides alone. Without one an account that came before keeps
 * its debtor; else a phone together with the same folded name decide. A shared phone alone never makes two people one. `newId` gives
 * the id of each person met for the first time.
 */
export function matchDebtors(claims: readonly Claim[], known: KnownPeople, newId: () => string): Match[] {
  const byIdentity = new Map(known.byIdentity);
  const byNameAndPhone = new Map(known.byNameAndPhone);
  const identityOf = new Map(known.identityOf);

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
    for (const phone of claim.phones) {
      const found = byNameAndPhone.get(nameAndPhone(claim.foldedName, phone));
      if (found !== undefined) return found;
    }
    return null;
  }

  return claims.map((claim) => {
    const match = settle(claim);
    if (match.isNew || match.adopts) identityOf.set(match.partyId, claim.identity);
    if (claim.identity !== null) byIdentity.set(claim.identity, match.partyId);
    for (const phone of claim.phones) {
      const key = nameAndPhone(claim.foldedName, phone);
      if (!byNameAndPhone.has(key)) byNameAndPhone.set(key, match.partyId);
    }
    return match;
  });
}

/** What a debt's balance becomes when a list states an amount: the posting to write, 0n for none. */
export function adjustment(listed: bigint, before: { balance: bigint; listed: bigint | null }): bigint {
  // A list that repeats its amount knows nothing of payments booked here since; one that changes it does.
  return before.listed === listed ? 0n : listed - before.balance;
}
