import { useState, type ReactNode } from 'react';
import { debtorSearch, type DebtorFound } from '../../../server/contract/debtors.ts';
import { problemWords } from '../connection/problem-words.ts';
import { useChange } from '../connection/use-change.ts';
import { useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { SelectField, TextField } from '../ui/field.tsx';
import { PageHead, PageLink } from '../ui/page-head.tsx';
import { SortedTable, type Column } from '../ui/sorted-table.tsx';
import { debtorColumn } from './debtor-column.tsx';
import { findDebtors } from './api.ts';

const WAYS = ['account', 'identity', 'number'] as const;

/** Looks for people by an account, a national id or a number; none of it ever stands in the address. */
export function DebtorsPage(): ReactNode {
  const locale = useLocale();
  const { say, format } = locale;
  const [by, setBy] = useState<(typeof WAYS)[number]>('account');
  const [text, setText] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const [found, setFound] = useState<readonly DebtorFound[] | null>(null);
  const asking = useChange(() => true);

  async function find(): Promise<void> {
    const search = debtorSearch.safeParse({ by, text });
    if (!search.success) {
      setFault(say(by === 'number' && text.trim() !== '' ? 'debtors.wrongNumber' : 'invalid.required'));
      return;
    }
    setFault(null);
    await asking.run(async () => setFound(await findDebtors(search.data)));
  }

  const columns: Column<DebtorFound>[] = [
    debtorColumn<DebtorFound>(say('user.name')),
    {
      id: 'country',
      header: say('holidays.country'),
      sortBy: (row) => format.country(row.country),
      cell: (row) => <bdi>{format.country(row.country)}</bdi>,
    },
    {
      id: 'debts',
      header: say('file.debts'),
      sortBy: (row) => row.debts,
      figure: true,
      cell: (row) => format.number(row.debts),
    },
  ];

  return (
    <div className="stack">
      <PageHead title={say('debtors.title')} lead={say('debtors.lead')}>
        <PageLink to="/admin/stuck" icon="alert">
          {say('stuck.link')}
        </PageLink>
        <PageLink to="/admin/matches" icon="people">
          {say('matches.link')}
        </PageLink>
        <PageLink to="/admin/check" icon="question">
          {say('record.check')}
        </PageLink>
      </PageHead>
      <form
        noValidate
        className="card panel"
        data-testid="debtor-search"
        onSubmit={(event) => {
          event.preventDefault();
          void find();
        }}
      >
        <div className="form-grid">
          <SelectField
            label={say('debtors.by')}
            value={by}
            onChange={(event) => setBy(WAYS.find((way) => way === event.target.value) ?? 'account')}
          >
            {WAYS.map((way) => (
              <option key={way} value={way}>
                {say(`debtorsBy.${way}`)}
              </option>
            ))}
          </SelectField>
          <TextField
            label={say('debtors.text')}
            hint={say('debtors.textHint')}
            value={text}
            dir="ltr"
            autoComplete="off"
            spellCheck={false}
            maxLength={80}
            error={fault ?? (asking.problem === null ? null : problemWords(locale, asking.problem))}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
        <div>
          <Button type="submit" look="primary" icon="account" busy={asking.busy}>
            {say('debtors.find')}
          </Button>
        </div>
      </form>
      {found === null ? null : (
        <div className="card" aria-live="polite">
          <SortedTable
            caption={say('debtors.found')}
            columns={columns}
            rows={found}
            rowKey={(row) => row.partyId}
            empty={say('debtors.none')}
            testId="debtors-found"
          />
        </div>
      )}
    </div>
  );
}
