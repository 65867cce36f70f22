import { useQuery } from '@tanstack/react-query';
import { useMemo, useState, type ReactNode } from 'react';
import type { TrunkProof, TrunkRow } from '../../../server/contract/trunks.ts';
import { problemOf } from '../connection/http.ts';
import { problemWords } from '../connection/problem-words.ts';
import { sessionNow } from '../connection/session.ts';
import { Code, useLocale, type Locale } from '../i18n/locale.tsx';
import type { TextKey } from '../i18n/texts.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icons.tsx';
import { SortedTable, type Column } from '../ui/sorted-table.tsx';
import { toast } from '../ui/toasts.tsx';
import { armTrunk, trunksQuery } from './api.ts';
import { AskFailed } from './ask-failed.tsx';
import { TestCallDialog } from './test-call-dialog.tsx';

/** The trunks, and whether calls may go over them. A real one is armed after a test call, and asks first: from then on real people are called. */
export function TrunksPage(): ReactNode {
  const locale = useLocale();
  const { say, format } = locale;
  const trunks = useQuery(trunksQuery);
  const named = (name: string | null): TrunkRow | null => trunks.data?.find((row) => row.name === name) ?? null;
  const [askingName, setAsking] = useState<string | null>(null);
  const [testingName, setTesting] = useState<string | null>(null);
  const [asking, testing] = [named(askingName), named(testingName)];
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
        id: 'proof',
        header: say('testCall.column'),
        sortBy: (row) => row.proof,
        cell: (row) => (
          <span
            className={`badge ${row.proof === 'passed' ? 'good' : row.proof === 'not_needed' ? 'calm' : 'warn'}`}
            data-testid="trunk-proof"
            data-proof={row.proof}
          >
            {say(`proof.${row.proof}`)}
          </span>
        ),
      },
      {
        id: 'actions',
        header: say('campaign.actions'),
        cell: (row) => (
          <div className="row">
            {row.kind === 'real' && admin ? (
              <Button look={isProven(row) ? undefined : 'primary'} icon="phone" onClick={() => setTesting(row.name)}>
                {say('testCall.column')}
              </Button>
            ) : null}
            {row.armed ? (
              <Button icon="pause" busy={busy === row.name} onClick={() => void set(row, false)}>
                {say('trunk.disarm')}
              </Button>
            ) : admin ? (
              <Button
                look={isProven(row) ? 'primary' : undefined}
                icon="check"
                busy={busy === row.name}
                onClick={() => (row.kind === 'real' ? setAsking(row.name) : void set(row, true))}
              >
                {say('trunk.arm')}
              </Button>
            ) : null}
          </div>
        ),
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
            <p>{say(UNPROVEN[asking.proof] ?? 'trunk.armLead')}</p>
            <div className="row">
              {isProven(asking) ? (
                <Button
                  look="danger"
                  onClick={() => {
                    void change(locale, asking, true);
                    setAsking(null);
                  }}
                >
                  {say('trunk.armYes')}
                </Button>
              ) : (
                <Button
                  look="primary"
                  icon="phone"
                  onClick={() => {
                    setTesting(asking.name);
                    setAsking(null);
                  }}
                >
                  {say('testCall.column')}
                </Button>
              )}
              <Button look="plain" onClick={() => setAsking(null)}>
                {say('common.cancel')}
              </Button>
            </div>
          </div>
        </Dialog>
      ) : null}
      {testing ? <TestCallDialog trunk={testing} onClose={() => setTesting(null)} /> : null}
    </div>
  );
}

/** What the server says to arming a trunk of this proof. */
const UNPROVEN: Readonly<Record<TrunkProof, TextKey | null>> = {
  not_needed: null,
  passed: null,
  never: 'problem.trunk_untested',
  changed: 'problem.trunk_changed_since_test',
  expired: 'problem.trunk_test_expired',
};

/** Whether it may be armed as it is. */
function isProven(trunk: TrunkRow): boolean {
  return UNPROVEN[trunk.proof] === null;
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
