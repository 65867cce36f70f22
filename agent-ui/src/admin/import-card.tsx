import type { ReactNode } from 'react';
import {
  CHANGE_ACTIONS,
  CHANGE_REASONS,
  REJECT_REASONS,
  type ImportResult,
  type ImportRow,
} from '../../../server/contract/imports.ts';
import { downloadAddress } from '../connection/http.ts';
import { problemWords } from '../connection/problem-words.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import { Icon } from '../ui/icons.tsx';
import { undoImport } from './api.ts';
import { TakeBack } from './take-back.tsx';

const TONES: Readonly<Record<ImportRow['state'], string>> = { queued: '', running: 'info', done: 'good', failed: 'danger' };

/** One import: how far it is, then what it counted. */
export function ImportCard({ row, campaign }: { row: ImportRow; campaign: string | null }): ReactNode {
  const locale = useLocale();
  const { say, format } = locale;
  return (
    <article className="card panel import" data-testid="import" data-state={row.state}>
      <header className="row">
        <Icon name="file" />
        <h3 className="grow">
          <bdi>{row.fileName}</bdi>
        </h3>
        {row.dryRun ? <span className="badge calm">{say('import.tryOut')}</span> : null}
        {row.undoneAt ? <span className="badge calm">{say('import.undone')}</span> : null}
        <span className={`badge ${TONES[row.state]}`}>{say(`importState.${row.state}`)}</span>
      </header>
      <p className="small faint">
        <bdi>{format.dateTime(row.createdAt)}</bdi>
        {campaign ? (
          <>
            {' · '}
            <bdi>{campaign}</bdi>
          </>
        ) : null}
      </p>
      {row.state === 'running' || row.state === 'queued' ? <Progress row={row} /> : null}
      {row.error ? (
        <div className="notice danger" role="alert">
          <Icon name="alert" />
          <p className="notice-text">
            {problemWords(locale, { ...row.error, details: row.error.column === undefined ? {} : { column: row.error.column } })}
            {row.error.field ? (
              <>
                {' '}
                <bdi className="code">{row.error.field}</bdi>
              </>
            ) : null}
          </p>
        </div>
      ) : null}
      {row.result ? <Result row={row} result={row.result} /> : null}
      {row.state === 'done' && !row.dryRun && row.undoneAt === null ? (
        <TakeBack name={row.fileName} lead={say('import.undoLead')} take={() => undoImport(row.id)} />
      ) : null}
    </article>
  );
}

/** First the list is read, by bytes; then its rows are merged, by number, and last those who else stands for the debts. */
function Progress({ row }: { row: ImportRow }): ReactNode {
  const { say, format } = useLocale();
  const { phase, bytesRead = 0, bytesTotal = 0, rows = 0, mergedThrough = 0, related } = row.progress;
  const [text, through] =
    phase !== 'merging'
      ? (['import.reading', rows] as const)
      : related === undefined
        ? (['import.merging', mergedThrough] as const)
        : (['import.relating', related.through] as const);
  const [done, of] = phase === 'merging' ? [through, rows] : [bytesRead, bytesTotal];
  const share = of === 0 ? 0 : done / of;
  return (
    <div className="stack tight">
      <progress className="progress" max={1} value={Math.min(1, share)} aria-label={say('import.progress')} />
      <p className="small" role="status">
        {row.state === 'queued' ? (
          say('import.waiting')
        ) : (
          <Say text={text} values={{ rows: format.number(through), share: format.percent(Math.min(1, share)) }} />
        )}
      </p>
    </div>
  );
}

function Result({ row, result }: { row: ImportRow; result: ImportResult }): ReactNode {
  const { say, sayIfKnown, format } = useLocale();
  const n = format.number;
  const counts = [
    ['import.rows', result.rows],
    ['import.new', result.new],
    ['import.updated', result.updated],
    ['import.duplicate', result.duplicate],
    ['import.rejected', result.rejected],
    ['import.debtors', result.debtors],
    ...(result.related === undefined
      ? []
      : ([
          ['import.relatedAdded', result.related.added],
          ['import.relatedChanged', result.related.changed],
          ['import.relatedRemoved', result.related.removed],
        ] as const)),
    ...(result.recalled === undefined ? [] : [['import.recalled', result.recalled] as const]),
    ...(result.atOnce === undefined
      ? []
      : ([
          ['import.left', result.atOnce.left],
          ['import.calledOff', result.atOnce.calledOff],
        ] as const)),
    ...CHANGE_ACTIONS.flatMap((action) =>
      result.actions?.[action] === undefined ? [] : [[`changeAction.${action}`, result.actions[action]] as const],
    ),
  ] as const;
  const warnings = Object.entries(result.warnings).filter(([, count]) => count > 0);
  return (
    <div className="stack">
      {row.dryRun ? <p className="strong">{say('import.dryRunLead')}</p> : null}
      <dl className="counts">
        {counts.map(([text, count]) => (
          <div key={text} className="count">
            <dt>{say(text)}</dt>
            <dd className="figure">
              <bdi>{n(count)}</bdi>
            </dd>
          </div>
        ))}
        <div className="count wide">
          <dt>{say('import.total')}</dt>
          <dd className="figure">
            <bdi>{majorMoney(result, format)}</bdi>
          </dd>
        </div>
      </dl>
      {result.rejected > 0 ? (
        <div className="stack tight">
          <h4>{say('import.reasons')}</h4>
          <ul className="plain-list import-reasons">
            {reasonsOf(row).map((reason) => (
              <li key={reason}>
                <span>{say(`reject.${reason}`)}</span>
                <bdi className="figure">{n(result.reasons[reason] ?? 0)}</bdi>
              </li>
            ))}
          </ul>
          <a className="button plain import-download" href={downloadAddress(`/imports/${row.id}/errors`)} download>
            <Icon name="download" />
            {say('import.errorFile')}
          </a>
        </div>
      ) : null}
      {warnings.length > 0 ? (
        <div className="stack tight">
          <h4>{say('import.warnings')}</h4>
          <ul className="plain-list import-reasons">
            {warnings.map(([warning, count]) => (
              <li key={warning}>
                <span>{sayIfKnown(`importWarning.${warning}`) ?? warning}</span>
                <bdi className="figure">{n(count)}</bdi>
              </li>
            ))}
          </ul>
        </div>
      ) : null}
    </div>
  );
}

function reasonsOf(row: ImportRow): readonly (typeof REJECT_REASONS | typeof CHANGE_REASONS)[number][] {
  return row.kind === 'changes' ? CHANGE_REASONS : REJECT_REASONS;
}

/** The total comes in major units with all decimals; minor units are the same digits without the point. */
function majorMoney(result: ImportResult, format: { money: (minor: string, currency: string) => string }): string {
  return format.money(result.total.replace('.', ''), result.currency);
}
