import type { ChangeAction } from '../../../contract/imports.ts';

/** What one row of a file of changes says of an account. `amountMinor`: what was paid, or the new balance; null for the other actions. */
export interface Change {
  account: string;
  action: ChangeAction;
  amountMinor: bigint | null;
  /** What the creditor calls a payment by, or what stands for it. */
  reference: string | null;
}

export type DebtState = 'open' | 'paid' | 'recalled' | 'closed';

/** A debt between two changes. */
export interface Standing {
  balanceMinor: bigint;
  state: DebtState;
  /** References of the payments it has. */
  paid: ReadonlySet<string>;
}

/** What a change does to a debt; null: nothing, it was known. `posting` in minor units, null for none. */
export interface Effect {
  posting: { kind: 'payment' | 'adjustment'; amountMinor: bigint } | null;
  balanceMinor: bigint;
  state: DebtState;
}

/**
 * Decides what a change does. A payment lowers the balance whatever the debt's state, since the money has come; a new balance replaces it.
 * Nothing owed makes an open debt paid, something owed a paid one open. A recalled or closed debt stays so.
 */
export function effectOf(change: Change, before: Standing): Effect | null {
  const { balanceMinor, state } = before;
  if (change.action === 'recall') return state === 'recalled' ? null : { posting: null, balanceMinor, state: 'recalled' };
  if (change.action === 'closed') return state === 'closed' ? null : { posting: null, balanceMinor, state: 'closed' };
  const amount = change.amountMinor ?? 0n;
  if (change.action === 'payment') {
    if (change.reference !== null && before.paid.has(change.reference)) return null;
    const left = balanceMinor - amount;
    return { posting: { kind: 'payment', amountMinor: -amount }, balanceMinor: left, state: stateOwing(left, state) };
  }
  if (amount === balanceMinor) return null;
  return {
    posting: { kind: 'adjustment', amountMinor: amount - balanceMinor },
    balanceMinor: amount,
    state: stateOwing(amount, state),
  };
}

function stateOwing(balanceMinor: bigint, state: DebtState): DebtState {
  if (state === 'open' && balanceMinor <= 0n) return 'paid';
  return state === 'paid' && balanceMinor > 0n ? 'open' : state;
}
