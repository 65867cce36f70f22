import { useQuery } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import type { Mover, Scorecard, ScorePreview } from '../../../server/contract/scoring.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import type { TextKey } from '../i18n/texts.ts';
import { scorePreviewQuery } from './api.ts';
import { AskFailed } from './ask-failed.tsx';

/** Whoever types a number pauses this long when it is whole. */
const TYPED_MS = 400;
const GREATEST = 1_000;

/** What a scorecard would change: the spread of scores before and after, and who would move farthest. */
export function ScoreEffect({ campaignId, scorecard }: { campaignId: string; scorecard: Scorecard | null }): ReactNode {
  const { say, format } = useLocale();
  const wanted = useSettled(scorecard);
  return (
    <section className="card panel" aria-labelledby="effect-title" data-testid="score-effect">
      <h2 id="effect-title">{say('scorecard.effect')}</h2>
      {wanted === null ? (
        <p className="faint">{format.digits(say('invalid.number'))}</p>
      ) : (
        <Effect campaignId={campaignId} scorecard={wanted} />
      )}
    </section>
  );
}

function Effect({ campaignId, scorecard }: { campaignId: string; scorecard: Scorecard }): ReactNode {
  const { say, format } = useLocale();
  const preview = useQuery(scorePreviewQuery(campaignId, scorecard));
  if (preview.isError) return <AskFailed query={preview} />;
  const { data } = preview;
  if (!data) return <p className="faint">{say('common.loading')}</p>;
  if (data.looked === 0) return <p className="faint">{say('scorecard.nobody')}</p>;
  const counts = { looked: format.number(data.looked), total: format.number(data.total) };
  return (
    <div className="stack" aria-busy={preview.isFetching}>
      <p className="small">
        <Say text={data.looked < data.total ? 'scorecard.lookedSome' : 'scorecard.lookedAll'} values={counts} />
      </p>
      <Histogram preview={data} />
      <div className="movers">
        <Movers title="scorecard.up" movers={data.up} />
        <Movers title="scorecard.down" movers={data.down} />
      </div>
    </div>
  );
}

/** Two bars for each step of scores; the figures stand behind each step, and the middle ones below in words. */
function Histogram({ preview: { before, after } }: { preview: ScorePreview }): ReactNode {
  const { say, format } = useLocale();
  const most = Math.max(1, ...before.counts, ...after.counts);
  const width = GREATEST / before.counts.length;
  const n = format.number;
  const medians = { before: n(before.median), after: n(after.median) };
  return (
    <figure className="spread">
      <figcaption className="row tight small">
        <span className="grow">{format.digits(say('scorecard.spread'))}</span>
        <span className="spread-key before">{say('scorecard.before')}</span>
        <span className="spread-key after">{say('scorecard.after')}</span>
      </figcaption>
      <ol className="spread-steps" dir="ltr">
        {before.counts.map((count, index) => {
          const from = index * width;
          const values = { from: n(from), to: n(from + width), before: n(count), after: n(after.counts[index] ?? 0) };
          const words = say('scorecard.step', values);
          return (
            <li key={from} title={words}>
              <span className="hidden-text">{words}</span>
              <span className="spread-bar before" style={{ height: `${(100 * count) / most}%` }} />
              <span className="spread-bar after" style={{ height: `${(100 * (after.counts[index] ?? 0)) / most}%` }} />
            </li>
          );
        })}
      </ol>
      <div className="week-scale" dir="ltr" aria-hidden="true">
        {[0, 250, 500, 750, GREATEST].map((score) => (
          <span key={score}>{n(score)}</span>
        ))}
      </div>
      <p className="small">
        <Say text="scorecard.medians" values={medians} />
      </p>
    </figure>
  );
}

function Movers({ title, movers }: { title: TextKey; movers: readonly Mover[] }): ReactNode {
  const { say, format } = useLocale();
  const fromTo = (before: number, after: number) => (
    <Say text="scorecard.fromTo" values={{ before: format.number(before), after: format.number(after) }} />
  );
  return (
    <section className="table-box" aria-label={say(title)}>
      <h3>{say(title)}</h3>
      {movers.length === 0 ? (
        <p className="faint">{say('scorecard.nobodyMoves')}</p>
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{say('scorecard.debtor')}</th>
              <th scope="col">{say('scorecard.place')}</th>
              <th scope="col">{say('scorecard.score')}</th>
            </tr>
          </thead>
          <tbody>
            {movers.map((mover) => (
              <tr key={mover.partyId}>
                <th scope="row">
                  <bdi>{mover.name}</bdi>
                  <span className="mover-reasons faint small">
                    {mover.reasons
                      .filter((reason) => reason.weight > 0)
                      .map((reason) => `${say(`score.${reason.factor}`)} ${format.number(reason.points)}`)
                      .join(' · ')}
                  </span>
                </th>
                <td>{fromTo(mover.placeBefore, mover.placeAfter)}</td>
                <td>{fromTo(mover.scoreBefore, mover.scoreAfter)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

/** A value once it has stayed the same for a moment; the last whole one while there is none. */
function useSettled(value: Scorecard | null): Scorecard | null {
  const [settled, setSettled] = useState(value);
  const text = JSON.stringify(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(JSON.parse(text) as Scorecard | null), TYPED_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
