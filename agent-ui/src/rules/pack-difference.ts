import type { LawDraft, RulesDraft } from './pack-draft.ts';

type Common = Omit<RulesDraft, 'law'>;
type One<Value> = Value extends readonly (infer Item)[] ? Item : Value;

/** Every kind of rule with what one of it says: of a list one item, of all others the whole. */
type Said = {
  [Part in keyof Common]: One<NonNullable<Common[Part]>>;
} & { [Part in keyof LawDraft]: One<NonNullable<LawDraft[Part]>> };

export type RulePart = keyof Said;

/** One rule, to be put in words. */
export type Statement = { [Part in RulePart]: { part: Part; rule: Said[Part] } }[RulePart];

/** What one version says and another does not. */
export interface Difference {
  taken: Statement[];
  added: Statement[];
}

/** Everything rules say, a statement each, in the order of the form. */
export function statementsOf({ law, ...common }: RulesDraft): Statement[] {
  return Object.entries({ ...law, ...common }).flatMap(([part, value]) => {
    const said = Array.isArray(value) ? value : value === null || value === '' ? [] : [value];
    return said.map((rule) => ({ part, rule }) as Statement);
  });
}

/** What changes from one version to another: a rule that is merely changed is taken away and added. */
export function differenceOf(before: RulesDraft, after: RulesDraft): Difference {
  const [was, is] = [statementsOf(before), statementsOf(after)];
  return { taken: without(was, is), added: without(is, was) };
}

/** The statements that the others do not hold, however often each is made. */
function without(statements: readonly Statement[], others: readonly Statement[]): Statement[] {
  const held = others.map(textOf);
  return statements.filter((statement) => {
    const at = held.indexOf(textOf(statement));
    if (at >= 0) held.splice(at, 1);
    return at < 0;
  });
}

/** Equal rules have equal texts, whatever the order of their fields. */
function textOf({ part, rule }: Statement): string {
  if (typeof rule !== 'object') return JSON.stringify([part, rule]);
  const fields = Object.entries(rule).filter(([, value]) => value !== undefined);
  return JSON.stringify([part, fields.toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}
