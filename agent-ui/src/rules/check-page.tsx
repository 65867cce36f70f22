import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import type { ContactCheck } from '../../../server/contract/contact-check.ts';
import { campaignsQuery } from '../admin/api.ts';
import { problemOf } from '../connection/http.ts';
import { problemWords } from '../connection/problem-words.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { ClockField, DayField } from '../ui/date-fields.tsx';
import { SelectField, TextField } from '../ui/field.tsx';
import { Icon } from '../ui/icons.tsx';
import { PageHead } from '../ui/page-head.tsx';
import { checkContact } from './api.ts';
import { CheckAnswer } from './check-answer.tsx';
import { checkBodyOf, type CheckDraft } from './check-draft.ts';
import './rules.css';

/** "May we call?" for a debtor or a number at any moment, past or to come. */
export function CheckPage(): ReactNode {
  const locale = useLocale();
  const { say } = locale;
  const campaigns = useQuery(campaignsQuery);
  const { debtor } = useSearch({ from: '/admin/check' });
  const [draft, setDraft] = useState<CheckDraft>({ subject: debtor ?? '', day: null, time: null, campaignId: '' });
  const [fault, setFault] = useState<{ field: string; words: string } | null>(null);
  const [answer, setAnswer] = useState<ContactCheck | null>(null);
  const [busy, setBusy] = useState(false);
  const change = (part: Partial<CheckDraft>): void => setDraft({ ...draft, ...part });
  const faultAt = (field: string): string | null => (fault?.field === field ? fault.words : null);

  async function send(): Promise<void> {
    const { body, field } = checkBodyOf(draft);
    if (body === null) {
      setFault({ field, words: say(field === 'time' ? 'check.timeMissing' : 'check.subjectWrong') });
      return;
    }
    setBusy(true);
    setFault(null);
    try {
      setAnswer(await checkContact(body));
    } catch (error) {
      setAnswer(null);
      const problem = problemOf(error);
      const atSubject = problem.field === 'number' || problem.field === 'partyId' || problem.field === 'phoneId';
      setFault({ field: atSubject ? 'subject' : 'form', words: problemWords(locale, problem) });
    } finally {
      setBusy(false);
    }
  }

  return (
    <div className="stack">
      <PageHead title={say('check.title')} lead={say('check.lead')} />
      <form
        noValidate
        className="card panel"
        data-testid="check-form"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <div className="form-grid">
          <TextField
            label={say('check.subject')}
            hint={say('check.subjectHint')}
            value={draft.subject}
            dir="ltr"
            autoComplete="off"
            spellCheck={false}
            error={faultAt('subject')}
            onChange={(event) => change({ subject: event.target.value })}
          />
          <SelectField
            label={say('check.campaign')}
            value={draft.campaignId}
            onChange={(event) => change({ campaignId: event.target.value })}
          >
            <option value="">{say('check.anyCampaign')}</option>
            {campaigns.data?.map((campaign) => (
              <option key={campaign.id} value={campaign.id}>
                {campaign.name}
              </option>
            ))}
          </SelectField>
          <DayField label={say('check.day')} value={draft.day} onChange={(day) => change({ day })} />
          <ClockField
            label={say('check.time')}
            value={draft.time}
            error={faultAt('time')}
            onChange={(time) => change({ time })}
          />
        </div>
        <p className="faint small">
          <Say text="check.momentHint" values={{ zone: Intl.DateTimeFormat().resolvedOptions().timeZone }} />
        </p>
        {faultAt('form') ? (
          <div className="notice danger" role="alert">
            <Icon name="alert" />
            <p className="notice-text">{faultAt('form')}</p>
          </div>
        ) : null}
        <div>
          <Button type="submit" look="primary" icon="question" busy={busy}>
            {say('check.ask')}
          </Button>
        </div>
      </form>
      <div aria-live="polite">{answer ? <CheckAnswer answer={answer} /> : null}</div>
    </div>
  );
}
