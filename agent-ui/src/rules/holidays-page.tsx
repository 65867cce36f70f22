import { useQuery } from '@tanstack/react-query';
import { useMemo, useState, type ReactNode } from 'react';
import type { HolidayRow, PackRow } from '../../../server/contract/packs.ts';
import { AskFailed } from '../admin/ask-failed.tsx';
import { problemOf } from '../connection/http.ts';
import { problemWords } from '../connection/problem-words.ts';
import { sessionNow } from '../connection/session.ts';
import { useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { DayField } from '../ui/date-fields.tsx';
import { SelectField, TextField } from '../ui/field.tsx';
import { Icon } from '../ui/icons.tsx';
import { PageHead } from '../ui/page-head.tsx';
import { SortedTable, type Column } from '../ui/sorted-table.tsx';
import { toast } from '../ui/toasts.tsx';
import { addHoliday, decideHoliday, holidaysQuery, packsQuery, startHolidays } from './api.ts';
import './rules.css';

const YEARS_BACK = 1;
const YEARS_ON = 3;
const TONE: Readonly<Record<HolidayRow['status'], string>> = { confirmed: 'good', proposed: 'warn', removed: '' };

/** A country's holidays of a year in three calendars; what the moon decides is confirmed by a person. */
export function HolidaysPage(): ReactNode {
  const locale = useLocale();
  const { say, format } = locale;
  const packs = useQuery(packsQuery);
  const [thisYear] = useState(() => new Date().getFullYear());
  const [chosen, setChosen] = useState('');
  const [year, setYear] = useState(thisYear);
  const countries = useMemo(() => [...new Set((packs.data ?? []).flatMap(countriesOf))].toSorted(), [packs.data]);
  const country = chosen === '' ? (countries.find((code) => code === 'SA') ?? countries[0] ?? '') : chosen;
  const holidays = useQuery(holidaysQuery(country, year));
  const [busy, setBusy] = useState<string | null>(null);
  const admin = sessionNow()?.role === 'admin';

  async function run(what: string, work: () => Promise<string | null>): Promise<void> {
    setBusy(what);
    try {
      const words = await work();
      if (words !== null) toast('done', words);
    } catch (error) {
      toast('failed', problemWords(locale, problemOf(error)));
    } finally {
      setBusy(null);
    }
  }

  const columns: Column<HolidayRow>[] = [
    {
      id: 'name',
      header: say('holiday.name'),
      sortBy: (row) => row.name,
      cell: (row) => (
        <span className="row tight">
          <bdi dir="auto">{row.name}</bdi>
          {row.lunar ? (
            <span className="badge info">
              <Icon name="moon" />
              {say('holiday.lunar')}
            </span>
          ) : null}
        </span>
      ),
    },
    ...(['gregory', 'umalqura', 'persian'] as const).map((calendar): Column<HolidayRow> => ({
      id: calendar,
      header: say(`calendar.${calendar}`),
      sortBy: (row) => row.date,
      cell: (row) => <bdi className="figure">{format.dayIn(calendar, row.date)}</bdi>,
    })),
    {
      id: 'status',
      header: say('holiday.status'),
      sortBy: (row) => row.status,
      cell: (row) => (
        <span className={`badge ${TONE[row.status]}`} data-state={row.status}>
          {say(`holidayState.${row.status}`)}
        </span>
      ),
    },
    ...(admin
      ? [
          {
            id: 'actions',
            header: say('campaign.actions'),
            cell: (row: HolidayRow) => (
              <span className="row tight">
                {row.status === 'confirmed' ? null : (
                  <Button
                    icon="check"
                    busy={busy === row.id}
                    onClick={() => void run(row.id, () => decideHoliday(row, 'confirmed').then(() => null))}
                  >
                    {say('holiday.confirm')}
                  </Button>
                )}
                {row.status === 'removed' ? null : (
                  <Button
                    look="bare"
                    icon="trash"
                    name={say('holiday.remove', { name: row.name })}
                    busy={busy === row.id}
                    onClick={() => void run(row.id, () => decideHoliday(row, 'removed').then(() => null))}
                  />
                )}
              </span>
            ),
          },
        ]
      : []),
  ];

  if (packs.isError) return <AskFailed query={packs} />;
  if (holidays.isError) return <AskFailed query={holidays} />;
  return (
    <div className="stack">
      <PageHead title={say('holidays.title')} lead={say('holidays.lead')} back={{ to: '/admin/packs', name: say('pack.back') }} />
      <div className="card panel">
        <div className="form-grid">
          <SelectField label={say('holidays.country')} value={country} onChange={(event) => setChosen(event.target.value)}>
            {countries.map((code) => (
              <option key={code} value={code}>
                {format.country(code)}
              </option>
            ))}
          </SelectField>
          <SelectField
            label={say('holidays.year')}
            value={String(year)}
            onChange={(event) => setYear(Number(event.target.value))}
          >
            {Array.from({ length: YEARS_BACK + YEARS_ON + 1 }, (_, index) => thisYear - YEARS_BACK + index).map((each) => (
              <option key={each} value={each}>
                {format.digits(String(each))}
              </option>
            ))}
          </SelectField>
        </div>
        {admin ? (
          <div className="row">
            <Button
              icon="calendar"
              busy={busy === 'start'}
              disabled={country === ''}
              onClick={() =>
                void run('start', async () => say('holidays.started', { n: format.number(await startHolidays(country, year)) }))
              }
            >
              {say('holidays.start')}
            </Button>
            <span className="faint small">{say('holidays.startHint')}</span>
          </div>
        ) : null}
      </div>
      <div className="card">
        <SortedTable
          caption={say('holidays.title')}
          columns={columns}
          rows={holidays.data ?? []}
          rowKey={(row) => row.id}
          empty={holidays.isPending ? say('common.loading') : say('holidays.none')}
          testId="holidays"
        />
      </div>
      {admin ? <AddHoliday country={country} onDone={run} busy={busy === 'add'} /> : null}
    </div>
  );
}

/** The countries in which a pack binds anybody, those of its regions included. */
function countriesOf({ countries, regions }: PackRow): string[] {
  return [...countries, ...regions.map((region) => region.slice(0, 2))];
}

function AddHoliday({
  country,
  busy,
  onDone,
}: {
  country: string;
  busy: boolean;
  onDone: (what: string, work: () => Promise<string | null>) => Promise<void>;
}): ReactNode {
  const { say } = useLocale();
  const [date, setDate] = useState<string | null>(null);
  const [name, setName] = useState('');
  const [asked, setAsked] = useState(false);
  async function add(): Promise<void> {
    setAsked(true);
    if (date === null || name.trim() === '') return;
    await onDone('add', async () => {
      await addHoliday({ country, date, name });
      setName('');
      setDate(null);
      setAsked(false);
      return say('holidays.added');
    });
  }
  return (
    <form
      noValidate
      className="card panel"
      data-testid="holiday-form"
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <h2>{say('holidays.add')}</h2>
      <div className="form-grid">
        <DayField
          label={say('holidays.date')}
          value={date}
          onChange={setDate}
          error={asked && date === null ? say('invalid.required') : null}
        />
        <TextField
          label={say('holiday.name')}
          value={name}
          maxLength={120}
          dir="auto"
          error={asked && name.trim() === '' ? say('invalid.required') : null}
          onChange={(event) => setName(event.target.value)}
        />
      </div>
      <div>
        <Button type="submit" icon="plus" busy={busy} disabled={country === ''}>
          {say('holidays.addYes')}
        </Button>
      </div>
    </form>
  );
}
