import { useState, type ReactNode } from 'react';
import { HOLD_KINDS, type DebtorRecord, type HoldRow } from '../../../server/contract/debtors.ts';
import { problemWords } from '../connection/problem-words.ts';
import { useChange } from '../connection/use-change.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { DayField } from '../ui/date-fields.tsx';
import { FieldError, SelectField } from '../ui/field.tsx';
import { toast } from '../ui/toasts.tsx';
import { placeHold, releaseHold } from './api.ts';

/** The holds of a debtor, in force or released, and the form that places another. */
export function Holds({ debtor }: { debtor: DebtorRecord }): ReactNode {
  const locale = useLocale();
  const { say, format } = locale;
  const [releasing, setReleasing] = useState<string | null>(null);
  const change = useChange();
  const [placing, setPlacing] = useState(false);

  async function release(hold: HoldRow): Promise<void> {
    setReleasing(hold.id);
    await change.run(async () => {
      const { moved } = await releaseHold(debtor.partyId, hold.id);
      toast('done', say('record.released', { n: format.number(moved) }));
    });
  }

  return (
    <section className="card panel" aria-labelledby="record-holds" data-testid="record-holds">
      <div className="row">
        <h2 id="record-holds" className="grow">
          {say('record.holds')}
        </h2>
        {placing ? null : (
          <Button icon="shield" onClick={() => setPlacing(true)}>
            {say('record.placeHold')}
          </Button>
        )}
      </div>
      {debtor.holds.length === 0 ? <p className="faint">{say('record.noHolds')}</p> : null}
      <ul className="plain-list lined">
        {debtor.holds.map((hold) => (
          <li key={hold.id} className="row" data-hold={hold.releasedAt === null ? 'open' : 'released'}>
            <span className={`badge ${hold.releasedAt === null ? 'warn' : ''}`}>
              {locale.sayIfKnown(`hold.${hold.kind}`) ?? locale.sayIfKnown(`rule.${hold.kind}`) ?? hold.kind}
            </span>
            <span className="grow small">
              <HoldTarget debtor={debtor} hold={hold} />
              {' · '}
              <Say text="record.holdFrom" values={{ date: format.date(hold.startsAt) }} />{' '}
              {hold.releasedAt !== null ? (
                <Say text="record.holdReleased" values={{ date: format.date(hold.releasedAt) }} />
              ) : hold.endsAt === null ? (
                say('record.holdOpen')
              ) : (
                <Say text="record.holdTo" values={{ date: format.date(hold.endsAt) }} />
              )}
              {hold.by === null ? null : (
                <>
                  {' · '}
                  <bdi>{hold.by}</bdi>
                </>
              )}
            </span>
            {hold.releasedAt === null ? (
              <Button busy={change.busy && releasing === hold.id} onClick={() => void release(hold)}>
                {say('record.release')}
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
      {placing ? <PlaceHold debtor={debtor} onDone={() => setPlacing(false)} /> : null}
    </section>
  );
}

function HoldTarget({ debtor, hold }: { debtor: DebtorRecord; hold: HoldRow }): ReactNode {
  const { say } = useLocale();
  const debt = debtor.debts.find((each) => each.id === hold.debtId);
  const phone = debtor.phones.find((each) => each.id === hold.phoneId);
  if (debt) return <Say text="record.onDebt" values={{ account: debt.account }} />;
  if (phone) return <Say text="record.onNumber" values={{ number: `\u2066${phone.number}\u2069` }} />;
  return say('record.onPerson');
}

function PlaceHold({ debtor, onDone }: { debtor: DebtorRecord; onDone: () => void }): ReactNode {
  const locale = useLocale();
  const { say, format } = locale;
  const [kind, setKind] = useState<(typeof HOLD_KINDS)[number]>('cease');
  const [on, setOn] = useState('person');
  const [until, setUntil] = useState<string | null>(null);
  const change = useChange(() => true);

  async function place(): Promise<void> {
    await change.run(async () => {
      const { moved, calledOff } = await placeHold(debtor.partyId, {
        kind,
        debtId: debtor.debts.some((debt) => debt.id === on) ? on : null,
        phoneId: debtor.phones.some((phone) => phone.id === on) ? on : null,
        until,
      });
      const placed = say('record.placed', { n: format.number(moved) });
      toast('done', calledOff === 0 ? placed : `${placed} ${say('record.calledOff', { n: format.number(calledOff) })}`);
      onDone();
    });
  }

  return (
    <form
      noValidate
      className="stack"
      data-testid="hold-form"
      onSubmit={(event) => {
        event.preventDefault();
        void place();
      }}
    >
      <div className="form-grid">
        <SelectField
          label={say('record.holdKind')}
          value={kind}
          onChange={(event) => setKind(HOLD_KINDS.find((each) => each === event.target.value) ?? kind)}
        >
          {HOLD_KINDS.map((each) => (
            <option key={each} value={each}>
              {say(`hold.${each}`)}
            </option>
          ))}
        </SelectField>
        <SelectField label={say('record.holdOn')} value={on} onChange={(event) => setOn(event.target.value)}>
          <option value="person">{say('record.onPerson')}</option>
          {debtor.debts.map((debt) => (
            <option key={debt.id} value={debt.id}>
              {say('record.onDebt', { account: debt.account })}
            </option>
          ))}
          {debtor.phones.map((phone) => (
            <option key={phone.id} value={phone.id}>
              {say('record.onNumber', { number: phone.number })}
            </option>
          ))}
        </SelectField>
        <DayField label={say('record.holdUntil')} value={until} onChange={setUntil} error={change.errorAt('until')} />
      </div>
      {change.problem !== null && change.problem.field !== 'until' ? (
        <FieldError>{problemWords(locale, change.problem)}</FieldError>
      ) : null}
      <div className="row">
        <Button type="submit" look="primary" icon="shield" busy={change.busy}>
          {say('record.place')}
        </Button>
        <Button look="plain" onClick={onDone}>
          {say('common.cancel')}
        </Button>
      </div>
    </form>
  );
}
