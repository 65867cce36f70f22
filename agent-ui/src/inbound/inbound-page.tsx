import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState, type ReactNode } from 'react';
import type { InboundRow } from '../../../server/contract/inbound.ts';
import { campaignsQuery } from '../admin/api.ts';
import { AskFailed } from '../admin/ask-failed.tsx';
import { useChange } from '../connection/use-change.ts';
import { Code, Say, useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { SortedTable, type Column } from '../ui/sorted-table.tsx';
import { deleteVoicemail, handleCall, inboundQuery, letDemoCall, voicemailAddress } from './api.ts';

/** Calls that came in: who was missed, who wants to be called back, and the voice messages. */
export function InboundPage(): ReactNode {
  const { say, format } = useLocale();
  const calls = useQuery(inboundQuery);
  const severalFloors = new Set(calls.data?.calls.map((row) => row.floorId)).size > 1;
  const columns = useMemo<Column<InboundRow>[]>(
    () => [
      {
        id: 'at',
        header: say('inbound.at'),
        sortBy: (row) => row.enteredAt,
        cell: (row) => <bdi className="figure">{format.dateTime(row.enteredAt)}</bdi>,
      },
      { id: 'who', header: say('inbound.who'), cell: (row) => <Who row={row} /> },
      {
        id: 'campaign',
        header: say('inbound.campaign'),
        sortBy: (row) => row.campaignName ?? '',
        cell: (row) => <bdi>{row.campaignName ?? '—'}</bdi>,
      },
      ...(severalFloors
        ? [
            {
              id: 'floor',
              header: say('inbound.floor'),
              sortBy: (row: InboundRow) => row.floorId,
              cell: (row: InboundRow) => <bdi>{row.floorId}</bdi>,
            },
          ]
        : []),
      {
        id: 'waited',
        header: say('inbound.waited'),
        figure: true,
        sortBy: (row) => row.waitedMs,
        cell: (row) => <bdi className="figure">{format.timer(row.waitedMs)}</bdi>,
      },
      { id: 'result', header: say('inbound.result'), sortBy: (row) => row.result ?? '', cell: (row) => <Result row={row} /> },
      { id: 'message', header: say('inbound.message'), cell: (row) => <Voicemail row={row} /> },
      { id: 'handled', header: say('inbound.handled'), cell: (row) => <Handled row={row} /> },
    ],
    [say, format, severalFloors],
  );
  return (
    <div className="stack" data-testid="inbound">
      <header className="page-head">
        <h1 className="grow">{say('nav.inbound')}</h1>
        {calls.data ? (
          <span className={calls.data.todo > 0 ? 'badge warn' : 'badge good'} data-testid="inbound-todo">
            <Say text="inbound.todo" values={{ n: format.number(calls.data.todo), count: calls.data.todo }} />
          </span>
        ) : null}
        <DemoCaller />
      </header>
      <p className="faint">{say('inbound.lead')}</p>
      {calls.isError ? <AskFailed query={calls} /> : null}
      <div className="card">
        {calls.data ? (
          <SortedTable
            caption={say('nav.inbound')}
            columns={columns}
            rows={calls.data.calls}
            rowKey={(row) => row.id}
            empty={say('inbound.none')}
            testId="inbound-calls"
          />
        ) : null}
      </div>
    </div>
  );
}

/** On the demo nobody calls by themselves. */
function DemoCaller(): ReactNode {
  const { say } = useLocale();
  const campaigns = useQuery(campaignsQuery);
  const change = useChange();
  const answered = campaigns.data?.some(({ demo, state, settings }) => demo && state === 'running' && settings.callerId !== null);
  if (answered !== true) return null;
  return (
    <Button icon="phone" busy={change.busy} data-testid="demo-caller" onClick={() => void change.run(letDemoCall)}>
      {say('inbound.demoCaller')}
    </Button>
  );
}

function Who({ row }: { row: InboundRow }): ReactNode {
  const { say, format } = useLocale();
  return (
    <span className="stack-tight">
      {row.number === null ? <span>{say('inbound.withheld')}</span> : <Code>{row.number}</Code>}{' '}
      {row.partyId !== null && row.partyName !== null ? (
        <Link to="/admin/debtors/$partyId" params={{ partyId: row.partyId }}>
          <bdi>{row.partyName}</bdi>
        </Link>
      ) : row.candidates > 0 ? (
        <span className="small faint">
          <Say text="inbound.candidates" values={{ n: format.number(row.candidates), count: row.candidates }} />
        </span>
      ) : null}
    </span>
  );
}

const MISSED = new Set(['hung_up', 'unserved', 'lost', 'voicemail', 'callback']);

function Result({ row }: { row: InboundRow }): ReactNode {
  const { say } = useLocale();
  if (row.result === null) return <span className="badge info">{say('inbound.result.now')}</span>;
  const open = MISSED.has(row.result) && row.handledAt === null;
  return (
    <span>
      <span className={open ? 'badge warn' : 'badge'}>{say(`inbound.result.${row.result}`)}</span>{' '}
      {row.agentName === null ? null : <bdi className="small">{row.agentName}</bdi>}
    </span>
  );
}

/** Listened to only when asked for: every hearing is noted. Deleting is asked twice. */
function Voicemail({ row }: { row: InboundRow }): ReactNode {
  const { say, format } = useLocale();
  const [asking, setAsking] = useState(false);
  const change = useChange();
  if (row.voicemailSeconds === null) return '—';
  const length = format.timer(row.voicemailSeconds * 1_000);
  return (
    <span className="row tight">
      <Player source={voicemailAddress(row.id)} label={say('inbound.play', { length })} />
      {row.voicemailUntil === null ? null : (
        <span className="small faint">
          <Say text="inbound.until" values={{ date: format.date(row.voicemailUntil) }} />
        </span>
      )}
      {asking ? (
        <>
          <Button look="danger" busy={change.busy} onClick={() => void change.run(() => deleteVoicemail(row.id))}>
            {say('inbound.deleteYes')}
          </Button>
          <Button onClick={() => setAsking(false)}>{say('common.cancel')}</Button>
        </>
      ) : (
        <Button look="plain" icon="trash" name={say('inbound.delete')} onClick={() => setAsking(true)} />
      )}
    </span>
  );
}

/** What a caller said to a machine has no captions. */
function Player({ source, label }: { source: string; label: string }): ReactNode {
  // oxlint-disable-next-line jsx-a11y/media-has-caption
  return <audio controls preload="none" src={source} aria-label={label} />;
}

function Handled({ row }: { row: InboundRow }): ReactNode {
  const { say, format } = useLocale();
  const change = useChange();
  if (row.result === null || row.result === 'talked') return '—';
  if (row.handledAt !== null) {
    return row.handledBy === null ? (
      <span className="small">{say('inbound.inQueue')}</span>
    ) : (
      <span className="small">
        <bdi>{row.handledBy}</bdi> <bdi className="faint">{format.dateTime(row.handledAt)}</bdi>
      </span>
    );
  }
  return (
    <Button icon="check" busy={change.busy} onClick={() => void change.run(() => handleCall(row.id))}>
      {say('inbound.handle')}
    </Button>
  );
}
