import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { normaliseDigits } from '../../../server/contract/digits.ts';
import { testCallBody, type TestCall, type TrunkRow } from '../../../server/contract/trunks.ts';
import { problemOf } from '../connection/http.ts';
import { problemWords } from '../connection/problem-words.ts';
import { Code, Say, useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { FieldError, TextField } from '../ui/field.tsx';
import { Icon } from '../ui/icons.tsx';
import { askTestCall, campaignsQuery, testCallQuery } from './api.ts';

/** Has a telephone of one's own called over a trunk, and shows how far the call has come, what it came to and what to do next. */
export function TestCallDialog({ trunk, onClose }: { trunk: TrunkRow; onClose: () => void }): ReactNode {
  const locale = useLocale();
  const { say } = locale;
  const report = useQuery(testCallQuery(trunk.name));
  const campaigns = useQuery(campaignsQuery);
  const [number, setNumber] = useState('');
  const [callerId, setCallerId] = useState<string | null>(null);
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({});
  const [asking, setAsking] = useState(false);
  const test = report.data?.test ?? null;
  const underWay = test !== null && test.state !== 'ended';
  // What debtors will see is what the carrier must let through.
  const usual = campaigns.data?.find(({ settings }) => settings.trunk === trunk.name && settings.callerId)?.settings.callerId;
  const shown = callerId ?? usual ?? '';

  async function call(): Promise<void> {
    const read = testCallBody.safeParse({ number: plain(number), callerId: plain(shown) === '' ? null : plain(shown) });
    if (!read.success) {
      setFaults(Object.fromEntries(read.error.issues.map((issue) => [String(issue.path[0]), say('invalid.callerId')])));
      return;
    }
    setFaults({});
    setAsking(true);
    try {
      await askTestCall(trunk.name, read.data);
    } catch (error) {
      const problem = problemOf(error);
      setFaults({ [problem.field ?? 'form']: problemWords(locale, problem) });
    } finally {
      setAsking(false);
    }
  }

  const elsewhere = Object.entries(faults).filter(([field]) => field !== 'number' && field !== 'callerId');
  return (
    <Dialog title={say('testCall.title', { name: trunk.name })} onClose={onClose}>
      <form
        className="stack"
        noValidate
        data-testid="test-call-form"
        onSubmit={(event) => {
          event.preventDefault();
          void call();
        }}
      >
        <p>{say('testCall.lead')}</p>
        <TextField
          label={say('testCall.number')}
          hint={say('testCall.numberHint')}
          dir="ltr"
          inputMode="tel"
          autoComplete="tel"
          value={number}
          error={faults['number']}
          onChange={(event) => setNumber(normaliseDigits(event.target.value))}
        />
        <TextField
          label={say('campaign.callerId')}
          hint={say('testCall.callerIdHint')}
          dir="ltr"
          inputMode="tel"
          autoComplete="off"
          value={shown}
          error={faults['callerId']}
          onChange={(event) => setCallerId(normaliseDigits(event.target.value))}
        />
        {elsewhere.map(([field, words]) => (
          <FieldError key={field}>{words}</FieldError>
        ))}
        <div className="row">
          <Button type="submit" look="primary" icon="phone" busy={asking || underWay}>
            {say('testCall.call')}
          </Button>
          <Button look="plain" onClick={onClose}>
            {say('common.close')}
          </Button>
        </div>
        <div aria-live="polite">{test ? <Progress test={test} /> : null}</div>
      </form>
    </Dialog>
  );
}

function Progress({ test }: { test: TestCall }): ReactNode {
  const { say, format } = useLocale();
  const { result } = test;
  const look = result === null ? '' : result === 'passed' ? 'good' : 'danger';
  return (
    <div className={`notice ${look}`} data-testid="test-call" data-state={test.state} data-result={result ?? ''}>
      <Icon name={result === null ? 'clock' : result === 'passed' ? 'check' : 'alert'} />
      <div className="notice-text stack tight">
        <strong>{say(result === null ? `testState.${test.state}` : `testResult.${result}`)}</strong>
        {result === null ? null : <p>{say(`testNext.${result}`)}</p>}
        <p className="small">
          <Say text="testCall.about" values={{ by: test.askedBy, at: format.dateTime(test.askedAt) }} />{' '}
          <Code>{`…${test.numberEnd}`}</Code>
        </p>
        {test.cause === null ? null : (
          <p className="small">
            {say('testCall.cause')}{' '}
            <Code>{`Q.850 ${test.cause}${test.sipStatus === null ? '' : ` · SIP ${test.sipStatus}`}`}</Code>
          </p>
        )}
        {test.sameSettings ? null : <p className="small">{say('testCall.otherSettings')}</p>}
      </div>
    </div>
  );
}

function plain(number: string): string {
  return number.replaceAll(/[\s().-]/g, '');
}
