import { useState, type ReactNode } from 'react';
import type { DebtorRecord, OverriddenWarning } from '../../../server/contract/debtors.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import { reasonWords } from '../i18n/reason-words.ts';
import { EvidenceBadge } from '../rules/evidence.tsx';
import { Button } from '../ui/button.tsx';
import { DayField } from '../ui/date-fields.tsx';
import { SelectField } from '../ui/field.tsx';
import { overrideWarning, withdrawOverride } from './by-hand-api.ts';
import { ByHandForm } from './by-hand-form.tsx';

/** Rules that only warn and that somebody let contact with the debtor go on in spite of; nothing where no rule of theirs only warns. */
export function OverriddenWarnings({ debtor }: { debtor: DebtorRecord }): ReactNode {
  const { say } = useLocale();
  const [writing, setWriting] = useState<string | null>(null);
  const { overriddenWarnings, guidance } = debtor;
  const done = (): void => setWriting(null);
  if (guidance.warnings.length === 0 && overriddenWarnings.length === 0) return null;
  return (
    <section className="card panel" aria-labelledby="record-overridden" data-testid="record-overridden">
      <div className="row">
        <h2 id="record-overridden" className="grow">
          {say('overridden.title')}
        </h2>
        {writing === 'new' || guidance.warnings.length === 0 ? null : (
          <Button icon="shield" data-testid="override-warning" onClick={() => setWriting('new')}>
            {say('overridden.add')}
          </Button>
        )}
      </div>
      <p className="faint small">{say('overridden.lead')}</p>
      {overriddenWarnings.length === 0 ? <p className="faint">{say('overridden.none')}</p> : null}
      <ul className="plain-list lined">
        {overriddenWarnings.map((warning) => (
          <li key={warning.id} className="stack tight">
            <Overridden debtor={debtor} warning={warning} onWithdraw={() => setWriting(warning.id)} />
            {writing === warning.id ? (
              <ByHandForm
                submit={say('overridden.withdraw')}
                write={(reason) => withdrawOverride(debtor.partyId, warning.id, reason)}
                onDone={done}
              />
            ) : null}
          </li>
        ))}
      </ul>
      {writing === 'new' ? <Override debtor={debtor} onDone={done} /> : null}
    </section>
  );
}

function Overridden(props: { debtor: DebtorRecord; warning: OverriddenWarning; onWithdraw: () => void }): ReactNode {
  const { debtor, warning, onWithdraw } = props;
  const locale = useLocale();
  const { say, format } = locale;
  const { rule, reason, endsAt, withdrawnAt, by } = warning;
  const [zone] = debtor.timeZones;
  // The file is as old as its reading; whether a warning still counts is the server's to say.
  const [openedAt] = useState(() => Date.now());
  const stands = withdrawnAt === null && Date.parse(endsAt) > openedAt;
  const at = format.dateTime(withdrawnAt ?? endsAt, zone);
  return (
    <div className="row tight" data-overridden={stands ? 'open' : 'over'}>
      <span className={`badge ${stands ? 'warn' : ''}`}>{reasonWords(locale, rule)}</span>
      <span className="grow small">
        <Say text={stands ? 'overridden.stands' : 'overridden.over'} values={{ at }} />
        {' · '}
        <bdi dir="auto">{reason}</bdi>
        {by === null ? null : (
          <>
            {' · '}
            <bdi>{by}</bdi>
          </>
        )}
      </span>
      {stands ? <Button onClick={onWithdraw}>{say('overridden.withdraw')}</Button> : null}
    </div>
  );
}

function Override({ debtor, onDone }: { debtor: DebtorRecord; onDone: () => void }): ReactNode {
  const locale = useLocale();
  const { say } = locale;
  const { warnings } = debtor.guidance;
  const [rule, setRule] = useState(warnings[0]?.rule ?? '');
  const [until, setUntil] = useState<string | null>(null);
  const evidence = warnings.find((each) => each.rule === rule)?.evidence;
  return (
    <ByHandForm
      submit={say('overridden.save')}
      fields={['rule', 'until']}
      write={(reason) => overrideWarning(debtor.partyId, { rule, until: until ?? '', reason })}
      onDone={onDone}
    >
      {(errorAt) => (
        <>
          <SelectField
            label={say('overridden.rule')}
            value={rule}
            error={errorAt('rule')}
            onChange={(event) => setRule(event.target.value)}
          >
            {warnings.map((each) => (
              <option key={`${each.rule} ${each.pack ?? ''}`} value={each.rule}>
                {reasonWords(locale, each.rule)}
              </option>
            ))}
          </SelectField>
          <DayField
            label={say('overridden.until')}
            value={until}
            onChange={setUntil}
            error={until === null && errorAt('until') !== null ? say('invalid.required') : errorAt('until')}
          />
          {evidence === undefined ? null : (
            <div>
              <EvidenceBadge level={evidence} />
            </div>
          )}
        </>
      )}
    </ByHandForm>
  );
}
