import { describe, expect, it } from 'vitest';
import { DEFAULT_SCORECARD } from '../../server/contract/scoring.ts';
import { draftOfScorecard, sameScorecard, scorecardBody, scorecardOf } from '../../agent-ui/src/admin/scorecard-draft.ts';

describe('the scorecard’s editor', () => {
  const draft = draftOfScorecard({ ...DEFAULT_SCORECARD, debtTypes: { card: 70 } });

  it('gives back the scorecard it was opened with', () => {
    expect(scorecardOf(draft)).toEqual({ ...DEFAULT_SCORECARD, debtTypes: { card: 70 } });
  });

  it('leaves out a type whose field is empty', () => {
    expect(scorecardOf({ ...draft, debtTypes: { card: null, loan: 20 } })?.debtTypes).toEqual({ loan: 20 });
  });

  it('means nothing while a weight is missing or out of bounds', () => {
    expect(scorecardOf({ ...draft, weights: { ...draft.weights, age: null } })).toBeNull();
    expect(scorecardOf({ ...draft, weights: { ...draft.weights, age: 101 } })).toBeNull();
  });

  it('knows a scorecard again whatever the order of its types', () => {
    const one = { ...DEFAULT_SCORECARD, debtTypes: { card: 70, loan: 20 } };
    expect(sameScorecard(one, { ...DEFAULT_SCORECARD, debtTypes: { loan: 20, card: 70 } })).toBe(true);
    expect(sameScorecard(one, { ...one, order: 'expected_value' })).toBe(false);
  });

  it('is not saved without a reason', () => {
    expect(scorecardBody(DEFAULT_SCORECARD, '  ', 1)).toBeNull();
    expect(scorecardBody(DEFAULT_SCORECARD, ' June ', 1)).toEqual({ scorecard: DEFAULT_SCORECARD, note: 'June', version: 1 });
  });
});
