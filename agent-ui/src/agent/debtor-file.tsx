import { useEffect, useLayoutEffect, type ReactNode } from 'react';
import type { DebtorFile as File, DeskCall } from '../../../server/contract/desk.ts';
import type { Guidance } from '../../../server/contract/guidance.ts';
import { serverNow } from '../connection/desk-model.ts';
import { holdWords } from '../i18n/hold-words.ts';
import { Code, Say, useLocale } from '../i18n/locale.tsx';
import { GuidanceWords } from '../ui/guidance.tsx';
import { Icon, type IconName } from '../ui/icons.tsx';
import { useTicking } from '../ui/ticking.ts';
import { useAgent } from './agent-context.tsx';
import { Caller } from './caller.tsx';

/** All that is known of the debtor on the line. Drawn from the desk's own news, without asking for anything. */
export function DebtorFile({ call }: { call: DeskCall }): ReactNode {
  const { file } = call;
  usePaintMark(call);
  if (call.inbound && file === null) return <Caller call={call} inbound={call.inbound} />;
  if (file === null) return <NoFile number={call.number} />;
  return (
    <article className="file" aria-labelledby="file-name" data-testid="debtor-file" data-attempt={call.attemptId}>
      <FileHead file={file} />
      {file.holds.length > 0 ? <Holds holds={file.holds} /> : null}
      {call.guidance === null ? null : <WhatIsAsked guidance={call.guidance} />}
      <Wishes file={file} />
      <Debts debts={file.debts} />
      {file.promises.length > 0 ? <Promises promises={file.promises} /> : null}
      <Phones phones={file.phones} dialed={call.phoneId} />
      <History attempts={file.attempts.filter((attempt) => attempt.result !== null)} />
    </article>
  );
}

/** Marks when a call's file is in the page and when it was painted, with the attempt, for whoever measures bridge → screen. */
function usePaintMark({ attemptId, connectedAt, file }: DeskCall): void {
  const there = file !== null && connectedAt !== null;
  useLayoutEffect(() => {
    if (there) performance.mark('wusul:file-in-page', { detail: { attemptId } });
  }, [attemptId, there]);
  useEffect(() => {
    if (!there) return;
    // A frame's callbacks run before its paint; the message after them is the first task behind it.
    const frame = requestAnimationFrame(() => {
      const after = new MessageChannel();
      after.port1.addEventListener('message', () =>
        performance.mark('wusul:file-painted', { detail: { attemptId, connectedAt } }),
      );
      after.port1.start();
      after.port2.postMessage(null);
    });
    return () => cancelAnimationFrame(frame);
  }, [attemptId, connectedAt, there]);
}

function NoFile({ number }: { number: string }): ReactNode {
  const { say } = useLocale();
  return (
    <article className="file" data-testid="debtor-file">
      <div className="notice warn">
        <Icon name="alert" />
        <div className="notice-text">
          <p className="strong">{say('file.missing')}</p>
          <p>
            <Code>{number}</Code>
          </p>
        </div>
      </div>
    </article>
  );
}

function FileHead({ file }: { file: File }): ReactNode {
  const { say, format, language } = useLocale();
  const others = file.language !== null && file.language !== language;
  return (
    <header className="file-head card">
      <div className="file-kind" aria-hidden="true">
        <Icon name={file.kind === 'company' ? 'building' : 'account'} />
      </div>
      <div className="grow">
        <h1 id="file-name" className="file-name">
          <bdi>{file.displayName}</bdi>
        </h1>
        <div className="file-facts">
          <Fact icon="pin" label={say('file.place')}>
            <bdi>{[file.address, format.country(file.country)].filter(Boolean).join(' · ')}</bdi>
          </Fact>
          {file.language ? (
            <Fact icon="globe" label={say('file.language')}>
              <span className={others ? 'badge info' : ''}>{format.language(file.language)}</span>
            </Fact>
          ) : null}
          {file.timeZones.map((zone) => (
            <LocalTime key={zone} zone={zone} />
          ))}
        </div>
      </div>
      {file.score === null ? null : (
        <div className="file-score">
          <span className="file-score-figure figure">{format.number(file.score)}</span>
          <span className="small faint">{say('file.score')}</span>
        </div>
      )}
    </header>
  );
}

function Fact({ icon, label, children }: { icon: IconName; label: string; children: ReactNode }): ReactNode {
  return (
    <span className="fact" title={label}>
      <Icon name={icon} />
      <span className="hidden-text">{`${label}: `}</span>
      {children}
    </span>
  );
}

/** What time it is where the debtor may be; a minute is fine enough. */
function LocalTime({ zone }: { zone: string }): ReactNode {
  const { say, format } = useLocale();
  const { model } = useAgent();
  const now = serverNow(model, useTicking(true, 15_000));
  return (
    <Fact icon="clock" label={say('file.localTime')}>
      <bdi className="figure">{now === null ? '' : format.time(new Date(now).toISOString(), zone)}</bdi>
      <span className="faint small">
        {' '}
        <Code>{zone}</Code>
      </span>
    </Fact>
  );
}

function Holds({ holds }: { holds: File['holds'] }): ReactNode {
  const locale = useLocale();
  const { say, format } = locale;
  return (
    <div className="notice warn" data-testid="holds">
      <Icon name="shield" />
      <div className="notice-text">
        <h2>{say('file.holds')}</h2>
        <ul className="plain-list">
          {holds.map((hold) => (
            <li key={`${hold.kind} ${hold.endsAt ?? ''}`}>
              {hold.endsAt === null ? (
                <Say text="file.holdOpen" values={{ hold: holdWords(locale, hold.kind) }} />
              ) : (
                <Say text="file.holdUntil" values={{ hold: holdWords(locale, hold.kind), date: format.date(hold.endsAt) }} />
              )}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

/** What the law wants said to them, and never. */
function WhatIsAsked({ guidance }: { guidance: Guidance }): ReactNode {
  const { say } = useLocale();
  if (guidance.disclosures.length === 0 && guidance.forbiddenWords.length === 0) return null;
  return (
    <Section title={say('guidance.title')}>
      <GuidanceWords guidance={guidance} />
    </Section>
  );
}

/** What they said of being contacted, in brief: what is not wanted, a recorded voice, inconvenient times and places. */
function Wishes({ file }: { file: File }): ReactNode {
  const { say, sayIfKnown, format } = useLocale();
  const said = file.consents.filter(({ kind, granted }) => kind === 'recorded_sound' || !granted);
  if (said.length === 0 && file.preferences.length === 0) return null;
  return (
    <Section title={say('wishes.title')}>
      <ul className="plain-list stack tight" data-testid="wishes">
        {said.map(({ kind, channel, phoneId, granted }) => {
          const number = file.phones.find((phone) => phone.id === phoneId)?.number;
          return (
            <li key={`${kind} ${channel} ${phoneId ?? ''}`} className="row tight">
              <span className={`badge ${granted ? 'good' : 'danger'}`}>
                {say(granted ? 'consents.granted' : 'consents.revoked')}
              </span>
              <span>
                {kind === 'recorded_sound'
                  ? say('consents.recordedSound')
                  : (sayIfKnown(`consentChannel.${channel}`) ?? <bdi>{channel}</bdi>)}{' '}
                {number === undefined ? null : <Say text="wishes.number" values={{ number: `\u2066${number}\u2069` }} />}
              </span>
            </li>
          );
        })}
        {file.preferences.map(({ time, place }) => (
          <li key={`${place ?? ''} ${time?.days.join() ?? ''} ${time?.from ?? ''}`} className="row tight">
            <span className="badge warn">{say(time === null ? 'consents.revoked' : 'wishes.notAt')}</span>
            {time === null ? (
              say('preferences.work')
            ) : (
              <bdi>
                {format.list(time.days.map((day) => format.weekday(day)))} {format.clock(time.from)} – {format.clock(time.to)}
              </bdi>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Section({ title, count, children }: { title: string; count?: number; children: ReactNode }): ReactNode {
  const { format } = useLocale();
  return (
    <section className="card file-section">
      <h2 className="file-section-title">
        {title}
        {count === undefined ? null : <span className="badge">{format.number(count)}</span>}
      </h2>
      {children}
    </section>
  );
}

function Debts({ debts }: { debts: File['debts'] }): ReactNode {
  const { say, sayIfKnown, format } = useLocale();
  const totals = new Map<string, bigint>();
  for (const debt of debts) totals.set(debt.currency, (totals.get(debt.currency) ?? 0n) + BigInt(debt.balanceMinor));
  return (
    <Section title={say('file.debts')} count={debts.length}>
      <ul className="debts">
        {debts.map((debt) => (
          <li key={debt.id} className="debt">
            <div className="grow">
              <div className="strong">
                <bdi>{debt.creditor}</bdi>
              </div>
              <div className="small faint">
                {debt.product ? (
                  <>
                    <bdi>{debt.product}</bdi>
                    {' · '}
                  </>
                ) : null}
                <Code>{debt.account}</Code>
              </div>
              {debt.others.map((other) => (
                <div key={other.partyId} className="small">
                  {sayIfKnown(`debtRole.${other.role}`) ?? other.role} <bdi>{other.name}</bdi>
                </div>
              ))}
            </div>
            <div className="debt-figures">
              {debt.role === 'debtor' ? null : (
                <span className="badge warn">{sayIfKnown(`debtRole.${debt.role}`) ?? debt.role}</span>
              )}
              <bdi className="debt-balance figure">{format.money(debt.balanceMinor, debt.currency)}</bdi>
              <span className="small faint">
                {debt.dueOn === null ? (
                  say('file.noDueDate')
                ) : (
                  <Say text="file.dueOn" values={{ date: format.day(debt.dueOn) }} />
                )}
              </span>
              {debt.state === 'open' ? null : (
                <span className="badge warn">{sayIfKnown(`debtState.${debt.state}`) ?? debt.state}</span>
              )}
            </div>
          </li>
        ))}
      </ul>
      {debts.length > 1 ? (
        <div className="debts-total">
          <span>{say('file.total')}</span>
          {[...totals].map(([currency, minor]) => (
            <bdi key={currency} className="strong figure">
              {format.money(minor.toString(), currency)}
            </bdi>
          ))}
        </div>
      ) : null}
    </Section>
  );
}

function Promises({ promises }: { promises: File['promises'] }): ReactNode {
  const { say, sayIfKnown, format } = useLocale();
  const tone: Readonly<Record<string, string>> = { open: 'info', kept: 'good', broken: 'danger' };
  return (
    <Section title={say('file.promises')} count={promises.length}>
      <ul className="plain-list lined">
        {promises.map((promise) => (
          <li key={`${promise.dueOn} ${promise.amountMinor} ${promise.state}`} className="row spread">
            <bdi className="figure strong">{format.money(promise.amountMinor, promise.currency)}</bdi>
            <bdi>{format.day(promise.dueOn)}</bdi>
            <span className={`badge ${tone[promise.state] ?? ''}`}>
              {sayIfKnown(`promiseState.${promise.state}`) ?? promise.state}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Phones({ phones, dialed }: { phones: File['phones']; dialed: string | null }): ReactNode {
  const { say, sayIfKnown } = useLocale();
  return (
    <Section title={say('file.phones')} count={phones.length}>
      <ul className="phones">
        {phones.map((phone) => (
          <li key={phone.id} className={phone.id === dialed ? 'phone dialed' : 'phone'}>
            <Icon name="phone" />
            <Code>{phone.number}</Code>
            <span className="small faint">{sayIfKnown(`phoneType.${phone.type}`) ?? phone.type}</span>
            {phone.place === 'work' ? <span className="badge info">{say('numbers.atWork')}</span> : null}
            {phone.id === dialed ? <span className="badge brand">{say('file.thisNumber')}</span> : null}
            {phone.state === 'active' ? null : (
              <span className="badge warn">{sayIfKnown(`phoneState.${phone.state}`) ?? phone.state}</span>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function History({ attempts }: { attempts: File['attempts'] }): ReactNode {
  const { say, sayIfKnown, format } = useLocale();
  return (
    <Section title={say('file.history')} count={attempts.length}>
      {attempts.length === 0 ? <p className="faint">{say('file.noHistory')}</p> : null}
      <ol className="history">
        {attempts.map((attempt) => (
          <li key={`${attempt.at} ${attempt.number}`}>
            <div className="row tight spread">
              <bdi className="figure">{format.dateTime(attempt.at)}</bdi>
              <Code>{attempt.number}</Code>
              <span className="badge">
                {attempt.outcome === null
                  ? (sayIfKnown(`result.${attempt.result ?? 'none'}`) ?? attempt.result)
                  : (sayIfKnown(`outcome.${attempt.outcome}`) ?? attempt.outcome)}
              </span>
            </div>
            {attempt.note ? (
              <p className="history-note" dir="auto">
                {attempt.note}
              </p>
            ) : null}
          </li>
        ))}
      </ol>
    </Section>
  );
}
