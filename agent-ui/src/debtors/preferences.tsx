import { useState, type ReactNode } from 'react';
import type { DebtorRecord, PreferenceRow } from '../../../server/contract/debtors.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { DayClockField } from '../ui/day-clock-field.tsx';
import { DaysField } from '../ui/days-field.tsx';
import { FieldError, SelectField } from '../ui/field.tsx';
import { addPreference, withdrawPreference } from './by-hand-api.ts';
import { ByHandForm } from './by-hand-form.tsx';
import { SourceField, useSource } from './source-field.tsx';

/** When and where the debtor does not want to be called. */
export function Preferences({ debtor }: { debtor: DebtorRecord }): ReactNode {
  const { say } = useLocale();
  const [writing, setWriting] = useState<string | null>(null);
  const done = (): void => setWriting(null);
  return (
    <section className="card panel" aria-labelledby="record-preferences" data-testid="record-preferences">
      <div className="row">
        <h2 id="record-preferences" className="grow">
          {say('preferences.title')}
        </h2>
        {writing === 'new' ? null : (
          <Button icon="plus" data-testid="add-preference" onClick={() => setWriting('new')}>
            {say('preferences.add')}
          </Button>
        )}
      </div>
      {debtor.preferences.length === 0 ? <p className="faint">{say('preferences.none')}</p> : null}
      <ul className="plain-list lined">
        {debtor.preferences.map((preference) => (
          <li
            key={preference.id}
            className="stack tight"
            data-preference={preference.withdrawnAt === null ? 'open' : 'withdrawn'}
          >
            <Preference preference={preference} onWithdraw={() => setWriting(preference.id)} />
            {writing === preference.id ? (
              <ByHandForm
                submit={say('preferences.withdraw')}
                write={(reason) => withdrawPreference(debtor.partyId, preference.id, reason)}
                onDone={done}
              />
            ) : null}
          </li>
        ))}
      </ul>
      {writing === 'new' ? <AddPreference partyId={debtor.partyId} onDone={done} /> : null}
    </section>
  );
}

function Preference({ preference, onWithdraw }: { preference: PreferenceRow; onWithdraw: () => void }): ReactNode {
  const { say, sayIfKnown, format } = useLocale();
  const { time, source, withdrawnAt } = preference;
  return (
    <div className="row tight">
      <span className="badge warn">
        {time === null ? (
          say('preferences.work')
        ) : (
          <bdi>
            {format.list(time.days.map((day) => format.weekday(day)))} {format.clock(time.from)} – {format.clock(time.to)}
          </bdi>
        )}
      </span>
      <span className="grow small">
        {sayIfKnown(`consentSource.${source}`) ?? source}
        {' · '}
        <bdi dir="auto">{preference.reason}</bdi>
        {' · '}
        <bdi>{format.date(preference.at)}</bdi>
        {preference.by === null ? null : (
          <>
            {' · '}
            <bdi>{preference.by}</bdi>
          </>
        )}
      </span>
      {withdrawnAt === null ? (
        <Button look="plain" onClick={onWithdraw}>
          {say('preferences.withdraw')}
        </Button>
      ) : (
        <span className="small faint">
          <Say text="preferences.withdrawn" values={{ date: format.date(withdrawnAt) }} />
        </span>
      )}
    </div>
  );
}

function AddPreference({ partyId, onDone }: { partyId: string; onDone: () => void }): ReactNode {
  const { say } = useLocale();
  const [kind, setKind] = useState<'time' | 'place'>('time');
  const [days, setDays] = useState<number[]>([]);
  const [from, setFrom] = useState<string | null>('09:00');
  const [to, setTo] = useState<string | null>('12:00');
  const [source, setSource] = useSource();
  return (
    <ByHandForm
      submit={say('preferences.add')}
      fields={['time.days', 'time.from', 'time.to']}
      write={(reason) =>
        addPreference(
          partyId,
          kind === 'place'
            ? { kind, place: 'work', source, reason }
            : { kind, time: { days, from: from ?? '', to: to ?? '' }, source, reason },
        )
      }
      onDone={onDone}
    >
      {(errorAt) => (
        <>
          <SelectField
            label={say('preferences.what')}
            value={kind}
            onChange={(event) => setKind(event.target.value === 'place' ? 'place' : 'time')}
          >
            <option value="time">{say('preferences.time')}</option>
            <option value="place">{say('preferences.work')}</option>
          </SelectField>
          {kind === 'time' ? (
            <>
              <div className="field">
                <span className="field-label">{say('hours.days')}</span>
                <DaysField days={days} onChange={setDays} />
                {errorAt('time.days') === null ? null : <FieldError>{say('invalid.days')}</FieldError>}
              </div>
              <DayClockField
                label={say('hours.from')}
                value={from}
                onChange={setFrom}
                error={errorAt('time.from') === null ? null : say('invalid.hoursTime')}
              />
              <DayClockField
                label={say('hours.to')}
                value={to}
                onChange={setTo}
                error={errorAt('time.to') === null ? null : say(to === null ? 'invalid.hoursTime' : 'invalid.hoursEnd')}
              />
            </>
          ) : null}
          <SourceField source={source} onChange={setSource} />
        </>
      )}
    </ByHandForm>
  );
}
