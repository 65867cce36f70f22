import { useEffect, useState, type ReactNode } from 'react';
import { stationAccount, type StationAccountBody } from '../../../server/contract/people.ts';
import { ask, problemOf } from '../connection/http.ts';
import { problemWords } from '../connection/problem-words.ts';
import { Code, Say, useLocale } from '../i18n/locale.tsx';
import { unlockAudio } from '../softphone/tones.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';
import { useAgent, useCommand } from './agent-context.tsx';
import { StationTest } from './station-test.tsx';

/** Before work: the station is tried, a campaign is chosen, the agent logs in. */
export function StartOfShift(): ReactNode {
  const { say } = useLocale();
  const { me, model, browserStation, phoneState } = useAgent();
  const { run, busy } = useCommand();
  const desk = model.desk;
  const campaigns = (desk?.campaigns ?? []).filter((one) => one.state !== 'ended');
  const [chosen, setChosen] = useState<string | null>(null);
  const running = campaigns.find((one) => one.state === 'running') ?? campaigns[0];
  const campaignId = chosen ?? running?.id ?? null;
  useEffect(() => {
    // Fields of the outcomes are fetched while nobody waits, not when the first call is there.
    void import('./outcome-fields.tsx');
  }, []);
  if (!desk) return null;
  const connecting = desk.state === 'connecting' || busy === 'log_in';
  const stationReady = !browserStation || phoneState.registration === 'registered';
  return (
    <main id="main" className="start">
      <header className="start-head">
        <h1>
          <Say text="start.hello" values={{ name: me.displayName }} />
        </h1>
        <p className="faint">{say('start.lead')}</p>
      </header>
      {desk.reason === 'station_unreachable' ? (
        <div className="notice danger" role="alert">
          <Icon name="alert" />
          <p className="notice-text">{say('wait.station_unreachable')}</p>
        </div>
      ) : null}
      <div className="start-panels">
        <StationTest />
        <section className="card panel" aria-labelledby="campaign-title">
          <h2 id="campaign-title" className="panel-title">
            <Icon name="list" />
            {say(desk.standsBy ? 'start.standBy' : 'start.campaign')}
          </h2>
          {desk.standsBy ? (
            <p>{say('start.standByLead')}</p>
          ) : campaigns.length === 0 ? (
            <div className="notice warn">
              <Icon name="info" />
              <p className="notice-text">{say('start.noCampaign')}</p>
            </div>
          ) : (
            <fieldset className="stack tight bare-fieldset">
              <legend className="hidden-text">{say('start.campaign')}</legend>
              {campaigns.map((campaign) => (
                <label key={campaign.id} className="choice">
                  <input
                    type="radio"
                    name="campaign"
                    value={campaign.id}
                    checked={campaignId === campaign.id}
                    onChange={() => setChosen(campaign.id)}
                  />
                  <span className="grow">
                    <bdi>{campaign.name}</bdi>
                  </span>
                  <CampaignState state={campaign.state} />
                </label>
              ))}
            </fieldset>
          )}
          <Button
            look="primary"
            large
            icon="phone"
            data-testid="start-shift"
            busy={connecting}
            disabled={(campaignId === null && !desk.standsBy) || !stationReady || model.link !== 'open'}
            onClick={() => {
              unlockAudio();
              void run({ type: 'log_in', campaignId });
            }}
          >
            {say(connecting ? 'start.connecting' : 'start.logIn')}
          </Button>
          <p className="small faint">{say(stationReady ? 'start.logInLead' : 'start.stationNotReady')}</p>
        </section>
        {!browserStation ? <SipPhoneAccount /> : null}
      </div>
    </main>
  );
}

function CampaignState({ state }: { state: string }): ReactNode {
  const { sayIfKnown } = useLocale();
  return (
    <span className={`badge ${state === 'running' ? 'good' : 'warn'}`}>{sayIfKnown(`campaignState.${state}`) ?? state}</span>
  );
}

/** What to type into a SIP phone on the desk. */
function SipPhoneAccount(): ReactNode {
  const locale = useLocale();
  const { say } = locale;
  const [account, setAccount] = useState<StationAccountBody | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [shown, setShown] = useState(false);

  useEffect(() => {
    let left = false;
    ask('GET', '/station', stationAccount).then(
      (found) => !left && setAccount(found),
      (error: unknown) => !left && setProblem(problemWords(locale, problemOf(error))),
    );
    return () => {
      left = true;
    };
  }, [locale]);

  return (
    <section className="card panel" aria-labelledby="sip-title">
      <h2 id="sip-title" className="panel-title">
        <Icon name="phone" />
        {say('sip.title')}
      </h2>
      {problem ? <p role="alert">{problem}</p> : null}
      {account ? (
        <dl className="pairs">
          <dt>{say('sip.server')}</dt>
          <dd>
            <Code>{`${account.host}:${account.port}`}</Code>
          </dd>
          <dt>{say('sip.user')}</dt>
          <dd>
            <Code>{account.user}</Code>
          </dd>
          <dt>{say('sip.secret')}</dt>
          <dd>
            {shown ? <Code>{account.secret}</Code> : null}
            <Button look="plain" onClick={() => setShown(!shown)}>
              {say(shown ? 'password.hide' : 'password.show')}
            </Button>
          </dd>
        </dl>
      ) : null}
    </section>
  );
}
