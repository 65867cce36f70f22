import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import type { MatchList, MergeRow } from '../../../server/contract/matching.ts';
import { AskFailed } from '../admin/ask-failed.tsx';
import { useChange } from '../connection/use-change.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { PageHead } from '../ui/page-head.tsx';
import { toast } from '../ui/toasts.tsx';
import { matchesQuery, undoMerge } from './api.ts';
import { Pair } from './pair.tsx';
import './matches.css';

/** People who may be one: pairs side by side, to be merged or kept apart for good, and the merges of before. */
export function MatchesPage(): ReactNode {
  const { say } = useLocale();
  const matches = useQuery(matchesQuery);
  if (matches.isError) return <AskFailed query={matches} />;
  return (
    <div className="stack" data-testid="matches">
      <PageHead
        title={say('matches.title')}
        lead={say('matches.lead')}
        back={{ to: '/admin/debtors', name: say('matches.back') }}
      />
      {matches.data ? <Matches list={matches.data} /> : <p className="faint">{say('common.loading')}</p>}
    </div>
  );
}

function Matches({ list }: { list: MatchList }): ReactNode {
  const { say, format } = useLocale();
  const counts = [
    ['matches.open', list.open],
    ['matches.merged', list.merged],
    ['matches.apart', list.apart],
  ] as const;
  return (
    <>
      <dl className="counts card panel" data-testid="match-counts">
        {counts.map(([text, count]) => (
          <div key={text} className="count">
            <dt>{say(text)}</dt>
            <dd className="figure">
              <bdi>{format.number(count)}</bdi>
            </dd>
          </div>
        ))}
      </dl>
      {list.proposals.length === 0 ? (
        <div className="card panel" data-testid="no-matches">
          <p className="strong">{say('matches.none')}</p>
          <p className="faint">{say('matches.noneLead')}</p>
        </div>
      ) : null}
      {list.proposals.map((proposal) => (
        <Pair key={proposal.id} proposal={proposal} />
      ))}
      {list.open > list.proposals.length ? (
        <p className="faint">
          <Say text="matches.more" values={{ n: format.number(list.open - list.proposals.length) }} />
        </p>
      ) : null}
      <Merges merges={list.merges} />
    </>
  );
}

function Merges({ merges }: { merges: readonly MergeRow[] }): ReactNode {
  const { say } = useLocale();
  return (
    <section className="card panel" aria-labelledby="merges-title" data-testid="merges">
      <h2 id="merges-title">{say('matches.merges')}</h2>
      {merges.length === 0 ? <p className="faint">{say('matches.noMerges')}</p> : null}
      <ul className="plain-list lined">
        {merges.map((merge) => (
          <Merge key={merge.id} merge={merge} />
        ))}
      </ul>
    </section>
  );
}

/** One merge, which can be taken back; that is asked twice. */
function Merge({ merge }: { merge: MergeRow }): ReactNode {
  const { say, format } = useLocale();
  const [asking, setAsking] = useState(false);
  const change = useChange();
  const undone = merge.undoneAt !== null;

  async function undo(): Promise<void> {
    await undoMerge(merge.id);
    toast('done', say('matches.undone'));
  }
  return (
    <li className="row" data-merge={undone ? 'undone' : 'done'}>
      <span className="grow">
        <Say text="matches.mergeOf" values={{ gone: merge.goneName }} />{' '}
        <Link to="/admin/debtors/$partyId" params={{ partyId: merge.keptId }}>
          <bdi>{merge.keptName}</bdi>
        </Link>{' '}
        <span className="small faint">
          <bdi>{format.dateTime(merge.at)}</bdi>
          {merge.by === null ? null : (
            <>
              {' · '}
              <bdi>{merge.by}</bdi>
            </>
          )}
        </span>
      </span>
      {undone ? (
        <span className="badge">{say('matches.wasUndone')}</span>
      ) : asking ? (
        <>
          <Button look="danger" busy={change.busy} onClick={() => void change.run(undo)}>
            {say('matches.undoYes')}
          </Button>
          <Button onClick={() => setAsking(false)}>{say('common.cancel')}</Button>
        </>
      ) : (
        <Button icon="refresh" onClick={() => setAsking(true)}>
          {say('matches.undo')}
        </Button>
      )}
    </li>
  );
}
