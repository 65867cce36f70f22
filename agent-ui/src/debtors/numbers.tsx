import { useState, type ReactNode } from 'react';
import { RETIRED_AS } from '../../../server/contract/by-hand.ts';
import type { DebtorRecord } from '../../../server/contract/debtors.ts';
import { Code, useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { WordField } from '../ui/word-field.tsx';
import { addNumber, placeNumber, retireNumber } from './by-hand-api.ts';
import { ByHandForm } from './by-hand-form.tsx';

type Phone = DebtorRecord['phones'][number];

/** What is being written: another number, or of which number what. */
type Writing = 'add' | { phoneId: string; what: 'retire' | 'place' };

/** The debtor's numbers, those that left among them; numbers are added, retired and said to ring at work. */
export function Numbers({ debtor }: { debtor: DebtorRecord }): ReactNode {
  const { say } = useLocale();
  const [writing, setWriting] = useState<Writing | null>(null);
  const done = (): void => setWriting(null);
  return (
    <section className="card panel" aria-labelledby="record-phones" data-testid="record-numbers">
      <div className="row">
        <h2 id="record-phones" className="grow">
          {say('file.phones')}
        </h2>
        {writing === 'add' ? null : (
          <Button icon="plus" data-testid="add-number" onClick={() => setWriting('add')}>
            {say('numbers.add')}
          </Button>
        )}
      </div>
      {debtor.phones.length === 0 ? <p className="faint">{say('record.noPhones')}</p> : null}
      <ul className="plain-list lined">
        {debtor.phones.map((phone) => (
          <li key={phone.id} className="stack tight" data-number={phone.state}>
            <PhoneLine phone={phone} onWrite={(what) => setWriting({ phoneId: phone.id, what })} />
            {typeof writing === 'object' && writing?.phoneId === phone.id ? (
              writing.what === 'retire' ? (
                <RetireNumber partyId={debtor.partyId} phone={phone} onDone={done} />
              ) : (
                <PlaceNumber partyId={debtor.partyId} phone={phone} onDone={done} />
              )
            ) : null}
          </li>
        ))}
      </ul>
      {writing === 'add' ? <AddNumber partyId={debtor.partyId} onDone={done} /> : null}
    </section>
  );
}

function PhoneLine({ phone, onWrite }: { phone: Phone; onWrite: (what: 'retire' | 'place') => void }): ReactNode {
  const { say, sayIfKnown } = useLocale();
  return (
    <div className="row tight">
      <Code>{phone.number}</Code>
      <span className="small faint grow">{sayIfKnown(`phoneType.${phone.type}`) ?? phone.type}</span>
      {phone.place === 'work' ? <span className="badge info">{say('numbers.atWork')}</span> : null}
      {phone.state === 'active' ? (
        <>
          <Button look="plain" icon="building" onClick={() => onWrite('place')}>
            {say(phone.place === 'work' ? 'numbers.notAtWork' : 'numbers.isAtWork')}
          </Button>
          <Button look="plain" icon="trash" data-testid="retire-number" onClick={() => onWrite('retire')}>
            {say('numbers.retire')}
          </Button>
        </>
      ) : (
        <span className="badge warn">{sayIfKnown(`phoneState.${phone.state}`) ?? phone.state}</span>
      )}
    </div>
  );
}

/** The form that adds a number: in a debtor's file, and on the list of those who have none left. */
export function AddNumber({ partyId, onDone }: { partyId: string; onDone: () => void }): ReactNode {
  const { say } = useLocale();
  const [number, setNumber] = useState('');
  return (
    <ByHandForm
      submit={say('numbers.add')}
      fields={['number']}
      write={(reason) => addNumber(partyId, { number, reason })}
      onDone={onDone}
    >
      {(errorAt) => (
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
      )}
    </ByHandForm>
  );
}

interface OfPhone {
  partyId: string;
  phone: Phone;
  onDone: () => void;
}

function RetireNumber({ partyId, phone, onDone }: OfPhone): ReactNode {
  const { say } = useLocale();
  const [as, setAs] = useState<(typeof RETIRED_AS)[number]>('wrong');
  return (
    <ByHandForm
      submit={say('numbers.retireYes')}
      write={(reason) => retireNumber(partyId, phone.id, { as, reason })}
      onDone={onDone}
    >
      {() => (
        <WordField
          label={say('numbers.what')}
          value={as}
          options={RETIRED_AS}
          words={(each) => say(`phoneState.${each}`)}
          onChange={setAs}
        />
      )}
    </ByHandForm>
  );
}

function PlaceNumber({ partyId, phone, onDone }: OfPhone): ReactNode {
  const { say } = useLocale();
  const place = phone.place === 'work' ? 'other' : 'work';
  return (
    <ByHandForm
      submit={say(place === 'work' ? 'numbers.isAtWork' : 'numbers.notAtWork')}
      write={(reason) => placeNumber(partyId, phone.id, { place, reason })}
      onDone={onDone}
    />
  );
}
