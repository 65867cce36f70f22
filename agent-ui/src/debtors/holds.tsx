import { useState, type ReactNode } from 'react';
import type { DebtorRecord, HoldRow } from '../../../server/contract/debtors.ts';
import type { HoldKind } from '../../../server/contract/guidance.ts';
import { problemWords } from '../connection/problem-words.ts';
import { useChange } from '../connection/use-change.ts';
import { holdWords } from '../i18n/hold-words.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import { EvidenceBadge } from '../rules/evidence.tsx';
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
              {holdWords(locale, hold.kind, noteOf(debtor, hold.kind))}
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

/** What a pack says of a kind of hold that binds the debtor. */
function noteOf({ guidance }: DebtorRecord, kind: string): string | null {
  return guidance.holds.find((each) => each.kind === kind)?.note ?? null;
}

/** What the hold stops, by which pack, how well that is known, and when it ends by law. */
function Stops({ hold }: { hold: HoldKind }): ReactNode {
  const { say, format } = useLocale();
  const { blocks, pack, version, evidence, until, note, source } = hold;
  return (
    <p className="row tight small" data-testid="hold-stops">
      <span className="strong">{say(`holdBlocks.${blocks}`)}</span>
      {pack === null ? null : (
        <>
          <Say text="check.pack" values={{ pack, version: format.number(version) }} />
          <EvidenceBadge level={evidence} />
        </>
      )}
      {[until, note, pack === null ? null : source].map((words) =>
        words === null || words === '' ? null : (
          <bdi key={words} className="faint" dir="auto">
            {words}
          </bdi>
        ),
      )}
    </p>
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
  const kinds = debtor.guidance.holds;
  const [kind, setKind] = useState(kinds[0]?.kind ?? '');
  const chosen = kinds.find((each) => each.kind === kind);
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
        <SelectField label={say('record.holdKind')} value={kind} onChange={(event) => setKind(event.target.value)}>
          {kinds.map((each) => (
            <option key={each.kind} value={each.kind}>
              {holdWords(locale, each.kind, each.note)}
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
      {chosen === undefined ? null : <Stops hold={chosen} />}
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
