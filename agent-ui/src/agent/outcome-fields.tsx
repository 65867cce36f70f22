import { parseDate, parseTime, toCalendarDateTime, toZoned } from '@internationalized/date';
import { useState, type ReactNode } from 'react';
import type { DeskCall } from '../../../server/contract/desk.ts';
import { holdWords } from '../i18n/hold-words.ts';
import { Code, Say, useLocale } from '../i18n/locale.tsx';
import type { TextKey } from '../i18n/texts.ts';
import { AmountField } from '../ui/amount-field.tsx';
import { Button } from '../ui/button.tsx';
import { ClockField, DayField } from '../ui/date-fields.tsx';
import { FieldError, SelectField, TextArea } from '../ui/field.tsx';
import { addDays, FIELDS, holdsToSay, type DraftField, type OutcomeDraft } from './outcome-draft.ts';

interface FieldsProps {
  draft: OutcomeDraft;
  call: DeskCall;
  /** What is wrong with each field, in words. */
  errors: Partial<Record<DraftField, string>>;
  /** The server's epoch milliseconds, and the date it is for the debtor. */
  now: number;
  today: string;
  onChange: (change: (before: OutcomeDraft) => OutcomeDraft) => void;
}

/** The fields that the chosen outcome cannot do without. */
export function OutcomeFields(props: FieldsProps): ReactNode {
  const { draft, errors, today, onChange } = props;
  const { file } = props.call;
  const { say, format } = useLocale();
  const [filled, setFilled] = useState(0);
  if (draft.code === null) return null;
  const fields = FIELDS[draft.code];
  const debt = file?.debts.find((one) => one.id === draft.debtId) ?? null;
  return (
    <div className="outcome-fields">
      {fields.includes('debtId') && file?.debts.length !== 1 ? <DebtChoice {...props} error={errors.debtId ?? null} /> : null}
      {fields.includes('amountMinor') && debt ? (
        <div className="stack tight">
          <AmountField
            // Filled by the button, it is written anew.
            key={`${debt.currency} ${filled}`}
            label={say('promise.amount')}
            currency={debt.currency}
            value={draft.amountMinor}
            onChange={(amountMinor) => onChange((before) => ({ ...before, amountMinor }))}
            error={errors.amountMinor ?? null}
          />
          <div className="row tight">
            <Button
              look="plain"
              onClick={() => {
                setFilled((before) => before + 1);
                onChange((before) => ({ ...before, amountMinor: debt.balanceMinor }));
              }}
            >
              <Say text="promise.whole" values={{ balance: format.money(debt.balanceMinor, debt.currency) }} />
            </Button>
          </div>
        </div>
      ) : null}
      {fields.includes('day') ? <DayChoice {...props} today={today} error={errors.day ?? null} /> : null}
      {fields.includes('reason') ? (
        <TextArea
          label={say('dispute.reason')}
          dir="auto"
          rows={2}
          maxLength={500}
          value={draft.reason}
          error={errors.reason ?? null}
          onChange={(event) => onChange((before) => ({ ...before, reason: event.target.value }))}
        />
      ) : null}
      {fields.includes('callback') ? <CallbackChoice {...props} error={errors.callbackAt ?? null} /> : null}
      {fields.includes('scope') ? <ScopeChoice {...props} /> : null}
      {fields.includes('hold') ? <HoldChoice {...props} error={errors.hold ?? null} /> : null}
    </div>
  );
}

function DebtChoice({ draft, call, onChange, error }: FieldsProps & { error: string | null }): ReactNode {
  const { file } = call;
  const { say, format } = useLocale();
  return (
    <fieldset className="stack tight bare-fieldset">
      <legend className="field-label">{say('outcome.debt')}</legend>
      {file?.debts.map((debt) => (
        <label key={debt.id} className="choice">
          <input
            type="radio"
            name="debt"
            checked={draft.debtId === debt.id}
            onChange={() =>
              onChange((before) => ({
                ...before,
                debtId: debt.id,
                // An amount was typed in the unit of the debt chosen before.
                amountMinor:
                  file.debts.find((one) => one.id === before.debtId)?.currency === debt.currency ? before.amountMinor : null,
              }))
            }
          />
          <span className="grow">
            <bdi>{debt.creditor}</bdi> <Code>{debt.account}</Code>
          </span>
          <bdi className="figure">{format.money(debt.balanceMinor, debt.currency)}</bdi>
        </label>
      ))}
      {error ? <FieldError>{error}</FieldError> : null}
    </fieldset>
  );
}

function DayChoice({ draft, today, onChange, error }: FieldsProps & { error: string | null }): ReactNode {
  const { say, format } = useLocale();
  const paid = draft.code === 'paid';
  const days = paid ? [0, -1, -2] : draft.code === 'hardship' ? [30, 60, 90] : [1, 3, 7, 14];
  const label: TextKey = draft.code === 'promise' ? 'promise.dueOn' : paid ? 'paid.on' : 'hardship.until';
  return (
    <div className="stack tight">
      <DayField
        label={say(label)}
        value={draft.day}
        min={paid ? undefined : today}
        max={paid ? today : undefined}
        error={error}
        onChange={(day) => onChange((before) => ({ ...before, day }))}
      />
      <div className="row tight" role="group" aria-label={say('day.quick')} data-testid="quick-days">
        {days.map((offset) => (
          <Button key={offset} look="plain" onClick={() => onChange((before) => ({ ...before, day: addDays(today, offset) }))}>
            {offset <= 1 && offset >= -1
              ? say(offset === 0 ? 'day.today' : offset === 1 ? 'day.tomorrow' : 'day.yesterday')
              : say(offset > 0 ? 'day.inDays' : 'day.daysAgo', { n: format.number(Math.abs(offset)), count: Math.abs(offset) })}
          </Button>
        ))}
      </div>
    </div>
  );
}

/** Day and time on the debtor's own clock; where the debtor may be in several zones the agent says which is meant. */
function CallbackChoice({ draft, call, today, onChange, error }: FieldsProps & { error: string | null }): ReactNode {
  const { file } = call;
  const { say, format } = useLocale();
  const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zones = file && file.timeZones.length > 0 ? file.timeZones : [ownZone];
  const [zone, setZone] = useState(zones[0] ?? ownZone);
  const [day, setDay] = useState<string | null>(null);
  const [clock, setClock] = useState<string | null>(null);

  function change(next: { zone?: string; day?: string | null; clock?: string | null }): void {
    const chosen = {
      zone: next.zone ?? zone,
      day: next.day === undefined ? day : next.day,
      clock: next.clock === undefined ? clock : next.clock,
    };
    setZone(chosen.zone);
    setDay(chosen.day);
    setClock(chosen.clock);
    onChange((before) => ({ ...before, callbackAt: instantOf(chosen.day, chosen.clock, chosen.zone) }));
  }

  return (
    <div className="stack tight">
      <div className="outcome-pair">
        <DayField
          label={say('callback.day')}
          value={day}
          min={today}
          onChange={(value) => change({ day: value })}
          error={error}
        />
        <ClockField label={say('callback.time')} value={clock} onChange={(value) => change({ clock: value })} />
      </div>
      {zones.length > 1 ? (
        <SelectField label={say('callback.zone')} value={zone} onChange={(event) => change({ zone: event.target.value })}>
          {zones.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </SelectField>
      ) : (
        <p className="field-hint">
          <Say text="callback.inZone" values={{ zone }} />
        </p>
      )}
      {draft.callbackAt !== null && zone !== ownZone ? (
        <p className="field-hint">
          <Say text="callback.yourTime" values={{ when: format.dateTime(draft.callbackAt) }} />
        </p>
      ) : null}
      <label className="choice">
        <input
          type="checkbox"
          checked={draft.mine}
          onChange={(event) => onChange((before) => ({ ...before, mine: event.target.checked }))}
        />
        <span>{say('callback.mine')}</span>
      </label>
    </div>
  );
}

/** The instant of a wall-clock time in a zone; a time that a clock change skips moves on by the hour skipped. */
function instantOf(day: string | null, clock: string | null, zone: string): string | null {
  if (day === null || clock === null) return null;
  const wall = toCalendarDateTime(parseDate(day), parseTime(clock));
  return toZoned(wall, zone, 'compatible').toAbsoluteString();
}

function ScopeChoice({ draft, onChange }: FieldsProps): ReactNode {
  const { say } = useLocale();
  return (
    <fieldset className="choices">
      <legend className="field-label">{say('doNotCall.scope')}</legend>
      {(['number', 'person'] as const).map((scope) => (
        <label key={scope} className="choice grow">
          <input
            type="radio"
            name="scope"
            checked={draft.scope === scope}
            onChange={() => onChange((before) => ({ ...before, scope }))}
          />
          <span>{say(`doNotCall.${scope}`)}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** What the debtor asks for, and what it stops. Where calls at work are stopped, the agent says whether this number rings there. */
function HoldChoice({ draft, call, onChange, error }: FieldsProps & { error: string | null }): ReactNode {
  const locale = useLocale();
  const { say } = locale;
  const kinds = holdsToSay(call);
  const chosen = kinds.find(({ kind }) => kind === draft.hold);
  return (
    <fieldset className="stack tight bare-fieldset" data-testid="restrictions">
      <legend className="field-label">{say('restriction.which')}</legend>
      {kinds.map(({ kind, blocks, note }) => (
        <label key={kind} className="choice">
          <input
            type="radio"
            name="hold"
            value={kind}
            checked={draft.hold === kind}
            onChange={() => onChange((before) => ({ ...before, hold: kind }))}
          />
          <span className="grow">
            {holdWords(locale, kind, note)} <span className="small faint">{say(`holdBlocks.${blocks}`)}</span>
          </span>
        </label>
      ))}
      {chosen?.blocks === 'workplace' ? (
        <label className="choice">
          <input
            type="checkbox"
            checked={draft.atWork}
            onChange={(event) => onChange((before) => ({ ...before, atWork: event.target.checked }))}
          />
          <span>{say('restriction.atWork')}</span>
        </label>
      ) : null}
      {error ? <FieldError>{error}</FieldError> : null}
    </fieldset>
  );
}
