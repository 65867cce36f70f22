/** What a change of the scorecard would do to a queue: how scores are spread before and after, and who moves farthest. */
import type { Mover, ScorePreview, Scorecard, Spread } from '../contract/scoring.ts';
import { explainScore, scoreDebtor, standingOf, type Score, type ScoreFacts, type UsualBalances } from './scorecard.ts';

/** Equal steps from 0 to 1000; the last holds 1000 too. */
const STEPS = 20;
const GREATEST = 1_000;

/** Movers as they are before their names are known. */
type NamelessMover = Omit<Mover, 'name'>;

/** Compares two scorecards over the same debtors. `movers` of them are named in each direction, the farthest first. */
export function previewScorecards(
  debtors: readonly (ScoreFacts & { partyId: string })[],
  usual: UsualBalances,
  cards: { before: Scorecard; after: Scorecard },
  movers: number,
): Pick<ScorePreview, 'before' | 'after'> & { up: NamelessMover[]; down: NamelessMover[] } {
  const before = placed(debtors, usual, cards.before);
  const after = placed(debtors, usual, cards.after);
  const moved = debtors
    .flatMap(({ partyId }): NamelessMover[] => {
      const [was, is] = [before.get(partyId), after.get(partyId)];
      if (!was || !is || was.place === is.place) return [];
      return [
        {
          partyId,
          scoreBefore: was.score.score,
          scoreAfter: is.score.score,
          placeBefore: was.place,
          placeAfter: is.place,
          reasons: explainScore(is.score.values, cards.after.weights),
        },
      ];
    })
    .toSorted((a, b) => a.placeAfter - a.placeBefore - (b.placeAfter - b.placeBefore) || (a.partyId < b.partyId ? -1 : 1));
  return {
    before: spreadOf([...before.values()].map((each) => each.score.score)),
    after: spreadOf([...after.values()].map((each) => each.score.score)),
    up: moved.filter((each) => each.placeAfter < each.placeBefore).slice(0, movers),
    down: moved
      .filter((each) => each.placeAfter > each.placeBefore)
      .toReversed()
      .slice(0, movers),
  };
}

/** How scores (0–1000) are spread over twenty steps, and the middle one (0 of none). */
export function spreadOf(scores: readonly number[]): Spread {
  const counts = Array.from({ length: STEPS }, () => 0);
  for (const score of scores) {
    const step = Math.min(STEPS - 1, Math.floor((score * STEPS) / GREATEST));
    counts[step] = (counts[step] ?? 0) + 1;
  }
  const sorted = scores.toSorted((a, b) => a - b);
  return { counts, median: sorted[Math.floor((sorted.length - 1) / 2)] ?? 0 };
}

/** Everybody's score and place in the queue, 1 is first; of equals the lesser id goes first, as in the queue. */
function placed(
  debtors: readonly (ScoreFacts & { partyId: string })[],
  usual: UsualBalances,
  card: Scorecard,
): Map<string, { score: Score; place: number }> {
  const scored = debtors.map((debtor) => {
    const score = scoreDebtor(debtor, card, usual);
    return { partyId: debtor.partyId, score, standing: standingOf(score, card.order) };
  });
  const sorted = scored.toSorted((a, b) => b.standing - a.standing || (a.partyId < b.partyId ? -1 : 1));
  return new Map(sorted.map(({ partyId, score }, index) => [partyId, { score, place: index + 1 }]));
}
