/** Something the machine or its mirror cannot give; set-up says so in words and goes on where it can. */
export class CannotHave extends Error {}

/** Ends the step at hand with a reason that a person can act on. */
export function cannotHave(reason) {
  throw new CannotHave(reason);
}
