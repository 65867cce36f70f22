import {
  FACTORS,
  saveScorecardBody,
  type Factor,
  type SaveScorecardBody,
  type Scorecard,
} from '../../../server/contract/scoring.ts';

/** A scorecard as the editor shows it: null for an empty field. */
export interface ScorecardDraft {
  order: Scorecard['order'];
  weights: Record<Factor, number | null>;
  debtTypes: Readonly<Record<string, number | null>>;
}

/** The editor with a scorecard in it. */
export function draftOfScorecard({ order, weights, debtTypes }: Scorecard): ScorecardDraft {
  return { order, weights: { ...weights }, debtTypes: { ...debtTypes } };
}

/** The scorecard that a draft means; null while a weight or a type's value is none. */
export function scorecardOf(draft: ScorecardDraft): Scorecard | null {
  const debtTypes = Object.fromEntries(Object.entries(draft.debtTypes).filter(([, value]) => value !== null));
  const read = saveScorecardBody.shape.scorecard.safeParse({ order: draft.order, weights: draft.weights, debtTypes });
  return read.success ? read.data : null;
}

/** Whether two scorecards score and order alike. */
export function sameScorecard(a: Scorecard, b: Scorecard): boolean {
  const text = ({ order, weights, debtTypes }: Scorecard): string =>
    JSON.stringify([
      order,
      FACTORS.map((factor) => weights[factor]),
      Object.entries(debtTypes).toSorted(([one], [other]) => (one < other ? -1 : 1)),
    ]);
  return text(a) === text(b);
}

/** The body to save, or null while something is missing. */
export function scorecardBody(scorecard: Scorecard | null, note: string, version: number): SaveScorecardBody | null {
  const read = saveScorecardBody.safeParse({ scorecard, note, version });
  return read.success ? read.data : null;
}
