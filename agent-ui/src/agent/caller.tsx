import { useState, type ReactNode } from 'react';
import type { DeskCall } from '../../../server/contract/desk.ts';
import type { DeskInbound } from '../../../server/contract/inbound.ts';
import { Code, Say, useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { Icon } from '../ui/icons.tsx';
import { useAgent, useCommand } from './agent-context.tsx';

/**
 * Somebody has called us: who may it be? A number proves nobody, so a candidate is shown by initials alone until the agent has asked who is
 * calling and confirms it.
 */
export function Caller({ call, inbound }: { call: DeskCall; inbound: DeskInbound }): ReactNode {
  const { say, format } = useLocale();
  const seconds = Math.round(inbound.waitedMs / 1_000);
  return (
    <article className="file" aria-labelledby="caller-title" data-testid="caller" data-caller={inbound.caller}>
      <header className="file-head card">
        <div className="file-kind" aria-hidden="true">
          <Icon name="phone" />
        </div>
        <div className="grow">
          <h1 id="caller-title" className="file-name">
            {say('caller.title')}
          </h1>
          <div className="file-facts">
            {call.number === '' ? <span>{say('caller.withheld')}</span> : <Code>{call.number}</Code>}
            <span>
              <Say text="caller.called" values={{ number: `\u2066${inbound.called}\u2069` }} />
            </span>
            <span>
              <Say text="caller.waited" values={{ n: format.number(seconds), count: seconds }} />
            </span>
          </div>
        </div>
      </header>
      <section className="card file-section">
        <h2 className="file-section-title">{say('caller.who')}</h2>
        <Candidates call={call} inbound={inbound} />
        {call.number === '' ? <p className="faint small">{say('caller.withheldLead')}</p> : <Search call={call} />}
      </section>
    </article>
  );
}

function Candidates({ call, inbound }: { call: DeskCall; inbound: DeskInbound }): ReactNode {
  const { say, format } = useLocale();
  const { model } = useAgent();
  const { run, busy } = useCommand();
  const may = model.link === 'open' && busy === null;
  const identify = (partyId: string | null): void => void run({ type: 'identify', attemptId: call.attemptId, partyId });
  if (inbound.candidates.length === 0) return <p>{say('caller.unknown')}</p>;
  return (
    <>
      <p>{say(inbound.caller === 'nobody' ? 'caller.nobodyLead' : 'caller.lead')}</p>
      <ul className="plain-list lined">
        {inbound.candidates.map(({ partyId, initials, kind, language }) => (
          <li key={partyId} className="row spread">
            <span className="row tight">
              <Icon name={kind === 'company' ? 'building' : 'account'} />
              <bdi className="strong">{initials}</bdi>
              {language === null ? null : <span className="badge">{format.language(language)}</span>}
            </span>
            <Button look="primary" icon="check" disabled={!may} onClick={() => identify(partyId)}>
              {say('caller.confirm')}
            </Button>
          </li>
        ))}
      </ul>
      {inbound.caller === 'open' ? (
        <Button look="plain" icon="close" disabled={!may} onClick={() => identify(null)}>
          {say('caller.nobody')}
        </Button>
      ) : null}
    </>
  );
}

/** For a caller whose number tells nothing: what they say themselves is looked for, and shows no more than a candidate's initials. */
function Search({ call }: { call: DeskCall }): ReactNode {
  const { say } = useLocale();
  const { model } = useAgent();
  const { run, busy } = useCommand();
  const [text, setText] = useState('');
  const wanted = text.trim();
  return (
    <form
      className="row tight"
      data-testid="find-caller"
      onSubmit={(event) => {
        event.preventDefault();
        if (wanted.length >= 3) void run({ type: 'find_caller', attemptId: call.attemptId, text: wanted });
      }}
    >
      <div className="grow">
        <TextField
          label={say('caller.find')}
          hint={say('caller.findHint')}
          value={text}
          maxLength={80}
          dir="auto"
          autoComplete="off"
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      <Button type="submit" busy={busy === 'find_caller'} disabled={model.link !== 'open' || wanted.length < 3}>
        {say('caller.findNow')}
      </Button>
    </form>
  );
}
