import type { ReactNode } from 'react';
import { FACTORS, type RescoreProgress, type ScorecardState, type ScorecardVersion } from '../../../server/contract/scoring.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';

/** Every version of the scorecard, the newest first: who saved it when and why, and a way back to it. */
export function ScorecardVersions({
  state,
  onTake,
}: {
  state: ScorecardState;
  onTake: ((version: ScorecardVersion) => void) | null;
}): ReactNode {
  const { say, format } = useLocale();
  const shown = state.versions.length === 0 ? [state.current] : state.versions;
  return (
    <section className="card panel" aria-labelledby="versions-title" data-testid="scorecard-versions">
      <h2 id="versions-title">{say('scorecard.versions')}</h2>
      <ol className="versions">
        {shown.map((version) => (
          <li key={version.version} className="stack tight">
            <div className="row tight">
              <span className="strong grow">
                <Say text="scorecard.version" values={{ version: format.number(version.version) }} />
              </span>
              {onTake === null ? null : (
                <Button look="plain" onClick={() => onTake(version)}>
                  {say('scorecard.take')}
                </Button>
              )}
            </div>
            {version.at === null ? (
              <span className="faint small">{say('scorecard.house')}</span>
            ) : (
              <span className="faint small">
                {version.author === null ? (
                  <bdi>{format.dateTime(version.at)}</bdi>
                ) : (
                  <Say text="scorecard.by" values={{ author: version.author, at: format.dateTime(version.at) }} />
                )}
              </span>
            )}
            {version.note === '' ? null : <p dir="auto">{version.note}</p>}
            <p className="small">
              {[
                say(`scorecard.order.${version.scorecard.order}`),
                ...FACTORS.map((factor) => `${say(`score.${factor}`)} ${format.number(version.scorecard.weights[factor])}`),
              ].join(' · ')}
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** How far the debtors have been scored anew. */
export function RescoreBar({ rescore }: { rescore: RescoreProgress | null }): ReactNode {
  const { say, format } = useLocale();
  if (rescore === null) return null;
  const version = format.number(rescore.version);
  if (rescore.state === 'done') {
    return (
      <p className="small faint" role="status" data-testid="rescored">
        <Say text="scorecard.rescored" values={{ version }} />
      </p>
    );
  }
  const { done, total } = rescore;
  return (
    <div className="stack tight" data-testid="rescoring">
      <progress
        className="progress"
        max={1}
        value={total === 0 ? 0 : Math.min(1, done / total)}
        aria-label={say('scorecard.save')}
      />
      <p className="small" role="status">
        <Say text="scorecard.rescoring" values={{ version, done: format.number(done), total: format.number(total) }} />
      </p>
    </div>
  );
}
