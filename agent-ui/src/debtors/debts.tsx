import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { RELATED_ROLES } from '../../../server/contract/by-hand.ts';
import type { DebtorRecord } from '../../../server/contract/debtors.ts';
import { Code, Say, useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { WordField } from '../ui/word-field.tsx';
import { addRelation, removeRelation } from './by-hand-api.ts';
import { ByHandForm } from './by-hand-form.tsx';

type Debt = DebtorRecord['debts'][number];

/** What is being written: somebody else for a debt, or that one of them stands for it no more. */
interface Writing {
  debtId: string;
  relatedId: string | null;
}

/** The debtor's debts over all creditors, what they are for each, and who else stands for it; others are added and taken away. */
export function Debts({ debtor }: { debtor: DebtorRecord }): ReactNode {
  const { say } = useLocale();
  const [writing, setWriting] = useState<Writing | null>(null);
  const done = (): void => setWriting(null);
  return (
    <section className="card panel" aria-labelledby="record-debts" data-testid="record-debts">
      <h2 id="record-debts">{say('file.debts')}</h2>
      <ul className="plain-list lined">
        {debtor.debts.map((debt) => (
          <li key={debt.id} className="stack tight">
            <DebtLine debt={debt} />
            <Others debt={debt} onRemove={(relatedId) => setWriting({ debtId: debt.id, relatedId })} />
            {debt.role === 'attorney' || writing?.debtId === debt.id ? null : (
              <div className="row">
                <Button
                  look="plain"
                  icon="plus"
                  data-testid="add-relation"
                  onClick={() => setWriting({ debtId: debt.id, relatedId: null })}
                >
                  {say('relation.add')}
                </Button>
              </div>
            )}
            {writing?.debtId !== debt.id ? null : writing.relatedId === null ? (
              <AddRelation partyId={debtor.partyId} debtId={debt.id} onDone={done} />
            ) : (
              <RemoveRelation partyId={debtor.partyId} debtId={debt.id} relatedId={writing.relatedId} onDone={done} />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function DebtLine({ debt }: { debt: Debt }): ReactNode {
  const { say, sayIfKnown, format } = useLocale();
  return (
    <div className="row">
      <span className="grow">
        <bdi className="strong">{debt.creditor}</bdi>{' '}
        <span className="small faint">
          <Code>{debt.account}</Code>
          {debt.product === null ? null : (
            <>
              {' · '}
              <bdi>{debt.product}</bdi>
            </>
          )}
        </span>
      </span>
      <span className="record-figures">
        <bdi className="figure strong">{format.money(debt.balanceMinor, debt.currency)}</bdi>
        <span className="small faint">
          {debt.dueOn === null ? say('file.noDueDate') : <Say text="file.dueOn" values={{ date: format.day(debt.dueOn) }} />}
        </span>
        {debt.role === 'debtor' ? null : <span className="badge warn">{sayIfKnown(`debtRole.${debt.role}`) ?? debt.role}</span>}
        <span className={`badge ${debt.state === 'open' ? 'info' : ''}`}>
          {sayIfKnown(`debtState.${debt.state}`) ?? debt.state}
        </span>
      </span>
    </div>
  );
}

function Others({ debt, onRemove }: { debt: Debt; onRemove: (relatedId: string) => void }): ReactNode {
  const { say, sayIfKnown } = useLocale();
  if (debt.others.length === 0) return null;
  return (
    <ul className="plain-list" aria-label={say('relation.others')}>
      {debt.others.map((other) => (
        <li key={other.partyId} className="row tight small" data-relation={other.role}>
          <span className="badge">{sayIfKnown(`debtRole.${other.role}`) ?? other.role}</span>
          <Link to="/admin/debtors/$partyId" params={{ partyId: other.partyId }} className="grow">
            <bdi>{other.name}</bdi>
          </Link>
          {other.role === 'debtor' || debt.role === 'attorney' ? null : (
            <Button look="plain" icon="trash" data-testid="remove-relation" onClick={() => onRemove(other.partyId)}>
              {say('relation.remove')}
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}

interface OfDebt {
  partyId: string;
  debtId: string;
  onDone: () => void;
}

function AddRelation({ partyId, debtId, onDone }: OfDebt): ReactNode {
  const { say } = useLocale();
  const [role, setRole] = useState<(typeof RELATED_ROLES)[number]>('guarantor');
  const [name, setName] = useState('');
  const [number, setNumber] = useState('');
  const [identity, setIdentity] = useState('');
  return (
    <ByHandForm
      submit={say('relation.add')}
      fields={['name', 'number', 'identity']}
      write={(reason) => addRelation(partyId, { debtId, role, name, number, identity, reason })}
      onDone={onDone}
    >
      {(errorAt) => (
        <>
          <WordField
            label={say('relation.role')}
            hint={say(`relation.${role}Hint`)}
            value={role}
            options={RELATED_ROLES}
            words={(each) => say(`debtRole.${each}`)}
            onChange={setRole}
          />
          <TextField
            label={say('relation.name')}
            value={name}
            maxLength={200}
            autoComplete="off"
            error={name.trim() === '' && errorAt('name') !== null ? say('invalid.required') : errorAt('name')}
            onChange={(event) => setName(event.target.value)}
          />
          <TextField
            label={say('record.number')}
            hint={say('numbers.hint')}
            value={number}
            dir="ltr"
            inputMode="tel"
            autoComplete="off"
            maxLength={40}
            error={errorAt('number')}
            onChange={(event) => setNumber(event.target.value)}
          />
          <TextField
            label={say('relation.identity')}
            value={identity}
            dir="ltr"
            autoComplete="off"
            maxLength={40}
            error={errorAt('identity')}
            onChange={(event) => setIdentity(event.target.value)}
          />
        </>
      )}
    </ByHandForm>
  );
}

function RemoveRelation({ partyId, debtId, relatedId, onDone }: OfDebt & { relatedId: string }): ReactNode {
  const { say } = useLocale();
  return (
    <ByHandForm
      submit={say('relation.remove')}
      write={(reason) => removeRelation(partyId, relatedId, { debtId, reason })}
      onDone={onDone}
    />
  );
}
