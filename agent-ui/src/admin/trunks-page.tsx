import { useQuery } from '@tanstack/react-query';
import { useMemo, useState, type ReactNode } from 'react';
import type { TrunkRow } from '../../../server/contract/campaigns.ts';
import { problemOf } from '../connection/http.ts';
import { problemWords } from '../connection/problem-words.ts';
import { sessionNow } from '../connection/session.ts';
import { Code, useLocale, type Locale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icons.tsx';
import { SortedTable, type Column } from '../ui/sorted-table.tsx';
import { toast } from '../ui/toasts.tsx';
import { armTrunk, trunksQuery } from './api.ts';
import { AskFailed } from './ask-failed.tsx';

/** The trunks, and whether calls may go over them. Arming a real one asks first: from then on real people are called. */
export function TrunksPage(): ReactNode {
  const locale = useLocale();
  const { say, format } = locale;
  const trunks = useQuery(trunksQuery);
  const [asking, setAsking] = useState<TrunkRow | null>(null);
  const [busy, setBusy] = useState<string | null>(null);
  const admin = sessionNow()?.role === 'admin';

  const columns = useMemo<Column<TrunkRow>[]>(() => {
    async function set(trunk: TrunkRow, armed: boolean): Promise<void> {
      setBusy(trunk.name);
      await change(locale, trunk, armed);
      setBusy(null);
    }
    return [
      { id: 'name', header: say('trunk.name'), sortBy: (row) => row.name, cell: (row) => <Code>{row.name}</Code> },
      {
        id: 'kind',
        header: say('trunk.kind'),
        sortBy: (row) => row.kind,
        cell: (row) => <span className={`badge ${row.kind === 'demo' ? 'info' : 'brand'}`}>{say(`trunkKind.${row.kind}`)}</span>,
      },
      {
        id: 'armed',
        header: say('trunk.state'),
        sortBy: (row) => (row.armed ? 1 : 0),
        cell: (row) => (
          <span className={`badge ${row.armed ? 'good' : 'warn'}`} data-testid="trunk-state">
            <Icon name={row.armed ? 'check' : 'pause'} />
            {say(row.armed ? 'trunk.armed' : 'trunk.disarmed')}
          </span>
        ),
      },
      {
        id: 'lines',
        header: say('trunk.lines'),
        sortBy: (row) => row.channelLimit,
        figure: true,
        cell: (row) => format.number(row.channelLimit),
      },
      {
        id: 'rate',
        header: say('trunk.rate'),
        sortBy: (row) => row.callsPerSecond,
        figure: true,
        cell: (row) => format.number(row.callsPerSecond),
      },
      {
        id: 'actions',
        header: say('campaign.actions'),
        cell: (row) =>
          row.armed ? (
            <Button icon="pause" busy={busy === row.name} onClick={() => void set(row, false)}>
              {say('trunk.disarm')}
            </Button>
          ) : admin ? (
            <Button
              look="primary"
              icon="check"
              busy={busy === row.name}
              onClick={() => (row.kind === 'real' ? setAsking(row) : void set(row, true))}
            >
              {say('trunk.arm')}
            </Button>
          ) : null,
      },
    ];
  }, [say, format, locale, busy, admin]);

  return (
    <div className="stack">
      <header className="page-head">
        <h1>{say('nav.trunks')}</h1>
      </header>
      {trunks.isError ? <AskFailed query={trunks} /> : null}
      <div className="card">
        {trunks.data ? (
          <SortedTable
            caption={say('nav.trunks')}
            columns={columns}
            rows={trunks.data}
            rowKey={(row) => row.name}
            empty={say('trunk.none')}
            testId="trunks"
          />
        ) : null}
      </div>
      {asking ? (
        <Dialog title={say('trunk.armTitle', { name: asking.name })} onClose={() => setAsking(null)}>
          <div className="stack">
            <p>{say('trunk.armLead')}</p>
            <div className="row">
              <Button
                look="danger"
                onClick={() => {
                  void change(locale, asking, true);
                  setAsking(null);
                }}
              >
                {say('trunk.armYes')}
              </Button>
              <Button look="plain" onClick={() => setAsking(null)}>
                {say('common.cancel')}
              </Button>
            </div>
          </div>
        </Dialog>
      ) : null}
    </div>
  );
}

/** Arms or disarms a trunk and says what came of it. */
async function change(locale: Locale, trunk: TrunkRow, armed: boolean): Promise<void> {
  try {
    await armTrunk(trunk.name, armed);
    toast('done', locale.say(armed ? 'trunk.nowArmed' : 'trunk.nowDisarmed', { name: trunk.name }));
  } catch (error) {
    toast('failed', problemWords(locale, problemOf(error)));
  }
}
