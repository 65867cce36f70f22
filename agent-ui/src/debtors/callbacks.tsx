import { useState, type ReactNode } from 'react';
import type { DebtorRecord } from '../../../server/contract/debtors.ts';
import { Code, Say, useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { cancelCallback } from './by-hand-api.ts';
import { ByHandForm } from './by-hand-form.tsx';

/** Callbacks that are still to come, by the debtor's own clock; one that is not wanted any more is cancelled. */
export function Callbacks({ debtor }: { debtor: DebtorRecord }): ReactNode {
  const { say, format } = useLocale();
  const [cancelling, setCancelling] = useState<string | null>(null);
  const zone = debtor.timeZones[0];
  return (
    <section className="card panel" aria-labelledby="record-callbacks" data-testid="record-callbacks">
      <h2 id="record-callbacks">{say('callbacks.title')}</h2>
      {debtor.callbacks.length === 0 ? <p className="faint">{say('callbacks.none')}</p> : null}
      <ul className="plain-list lined">
        {debtor.callbacks.map((callback) => {
          const phone = debtor.phones.find((each) => each.id === callback.phoneId);
          return (
            <li key={callback.id} className="stack tight" data-callback="open">
              <div className="row tight">
                <span className="grow">
                  <bdi className="strong">{format.dateTime(callback.at, zone)}</bdi>{' '}
                  <span className="small faint">
                    {zone === undefined ? null : <Code>{zone}</Code>}
                    {' · '}
                    <bdi>{callback.campaign}</bdi>
                    {phone === undefined ? null : (
                      <>
                        {' · '}
                        <Code>{phone.number}</Code>
                      </>
                    )}
                    {' · '}
                    {callback.agent === null ? (
                      say('callbacks.anybody')
                    ) : (
                      <Say text="callbacks.of" values={{ name: callback.agent }} />
                    )}
                  </span>
                </span>
                <Button look="plain" icon="close" onClick={() => setCancelling(callback.id)}>
                  {say('callbacks.cancel')}
                </Button>
              </div>
              {cancelling === callback.id ? (
                <ByHandForm
                  submit={say('callbacks.cancelYes')}
                  write={(reason) => cancelCallback(debtor.partyId, callback.id, reason)}
                  onDone={() => setCancelling(null)}
                />
              ) : null}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
