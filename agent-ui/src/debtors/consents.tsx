import { useState, type ReactNode } from 'react';
import { CONSENT_CHANNELS } from '../../../server/contract/by-hand.ts';
import type { ConsentRow, DebtorRecord } from '../../../server/contract/debtors.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { SelectField } from '../ui/field.tsx';
import { recordConsent } from './by-hand-api.ts';
import { ByHandForm } from './by-hand-form.tsx';
import { SourceField, useSource } from './source-field.tsx';

/** What the debtor said of being contacted, newest first; the last word on a channel or number counts. */
export function Consents({ debtor }: { debtor: DebtorRecord }): ReactNode {
  const { say } = useLocale();
  const [writing, setWriting] = useState(false);
  return (
    <section className="card panel" aria-labelledby="record-consents" data-testid="record-consents">
      <div className="row">
        <h2 id="record-consents" className="grow">
          {say('consents.title')}
        </h2>
        {writing ? null : (
          <Button icon="edit" data-testid="record-consent" onClick={() => setWriting(true)}>
            {say('consents.record')}
          </Button>
        )}
      </div>
      {debtor.consents.length === 0 ? <p className="faint">{say('consents.none')}</p> : null}
      <ul className="plain-list lined">
        {debtor.consents.map((consent) => (
          <Consent key={consent.id} debtor={debtor} consent={consent} />
        ))}
      </ul>
      {writing ? <RecordConsent debtor={debtor} onDone={() => setWriting(false)} /> : null}
    </section>
  );
}

function Consent({ debtor, consent }: { debtor: DebtorRecord; consent: ConsentRow }): ReactNode {
  const { say, sayIfKnown, format } = useLocale();
  const phone = debtor.phones.find((each) => each.id === consent.phoneId);
  const { source } = consent;
  return (
    <li className="row tight" data-consent={consent.granted ? 'granted' : 'revoked'}>
      <span className={`badge ${consent.granted ? 'good' : 'danger'}`}>
        {say(consent.granted ? 'consents.granted' : 'consents.revoked')}
      </span>
      <span className="grow small">
        {consent.kind === 'recorded_sound'
          ? say('consents.recordedSound')
          : (sayIfKnown(`consentChannel.${consent.channel}`) ?? consent.channel)}
        {phone === undefined ? null : (
          <>
            {' · '}
            <Say text="record.onNumber" values={{ number: `\u2066${phone.number}\u2069` }} />
          </>
        )}
        {' · '}
        <bdi>{format.dateTime(consent.at, debtor.timeZones[0])}</bdi>
        {source === null ? null : <> · {sayIfKnown(`consentSource.${source}`) ?? source}</>}
        {consent.reason === null ? null : (
          <>
            {' · '}
            <bdi dir="auto">{consent.reason}</bdi>
          </>
        )}
        {consent.by === null ? null : (
          <>
            {' · '}
            <bdi>{consent.by}</bdi>
          </>
        )}
      </span>
    </li>
  );
}

/** `recorded_sound` stands beside the channels, since a recorded voice is played in calls only. */
const ABOUT = [...CONSENT_CHANNELS, 'recorded_sound'] as const;
const OF_A_NUMBER: ReadonlySet<string> = new Set(['all', 'call', 'sms', 'whatsapp', 'recorded_sound']);

function RecordConsent({ debtor, onDone }: { debtor: DebtorRecord; onDone: () => void }): ReactNode {
  const { say } = useLocale();
  const [granted, setGranted] = useState(false);
  const [about, setAbout] = useState<(typeof ABOUT)[number]>('call');
  const [phoneId, setPhoneId] = useState('');
  const [source, setSource] = useSource();
  const ofNumber = OF_A_NUMBER.has(about);
  return (
    <ByHandForm
      submit={say('consents.record')}
      write={(reason) =>
        recordConsent(debtor.partyId, {
          kind: about === 'recorded_sound' ? 'recorded_sound' : 'contact',
          channel: about === 'recorded_sound' ? 'call' : about,
          granted,
          phoneId: ofNumber && phoneId !== '' ? phoneId : null,
          source,
          reason,
        })
      }
      onDone={onDone}
    >
      {() => (
        <>
          <SelectField
            label={say('consents.word')}
            value={granted ? 'granted' : 'revoked'}
            onChange={(event) => setGranted(event.target.value === 'granted')}
          >
            <option value="revoked">{say('consents.revoked')}</option>
            <option value="granted">{say('consents.granted')}</option>
          </SelectField>
          <SelectField
            label={say('consents.about')}
            value={about}
            onChange={(event) => setAbout(ABOUT.find((each) => each === event.target.value) ?? about)}
          >
            {ABOUT.map((each) => (
              <option key={each} value={each}>
                {each === 'recorded_sound' ? say('consents.recordedSound') : say(`consentChannel.${each}`)}
              </option>
            ))}
          </SelectField>
          {ofNumber ? (
            <SelectField label={say('record.holdOn')} value={phoneId} onChange={(event) => setPhoneId(event.target.value)}>
              <option value="">{say('consents.anyNumber')}</option>
              {debtor.phones.map((phone) => (
                <option key={phone.id} value={phone.id}>
                  {say('record.onNumber', { number: phone.number })}
                </option>
              ))}
            </SelectField>
          ) : null}
          <SourceField source={source} onChange={setSource} />
        </>
      )}
    </ByHandForm>
  );
}
