import type { ReactNode } from 'react';
import type { BoardCampaign } from '../../../server/contract/wallboard.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import { Icon } from '../ui/icons.tsx';
import { abandonBudget, isDialing, topReasons } from './board-view.ts';
import { LiveChart } from './live-chart.tsx';

const SHOWN_REASONS = 5;

/** One campaign: why it dials or does not, what is in flight, what the day brought, who is left to call. */
export function CampaignBoard({ campaign }: { campaign: BoardCampaign }): ReactNode {
  const { say, format } = useLocale();
  const dialing = isDialing(campaign);
  const budget = abandonBudget(campaign);
  const n = format.number;
  const { inFlight, day, callable } = campaign;
  return (
    <section className="card board-campaign" aria-labelledby={`campaign-${campaign.id}`} data-testid="board-campaign">
      <header className="row spread">
        <h2 id={`campaign-${campaign.id}`}>
          <bdi>{campaign.name}</bdi>
        </h2>
        <span className={`badge ${campaign.state === 'running' ? 'good' : 'warn'}`}>
          {say(`campaignState.${campaign.state}`)}
        </span>
      </header>
      <div className={`why ${dialing ? 'dialing' : 'still'}`} data-testid="why" data-rule={campaign.why.rule}>
        <Icon name={dialing ? 'play' : 'pause'} />
        <div>
          <p className="strong">{say(dialing ? 'why.dialing' : 'why.notDialing')}</p>
          <p>
            <Say text={`why.${campaign.why.rule}`} values={{ dial: n(campaign.why.dial) }} />
          </p>
          <Figures figures={campaign.why.figures} />
        </div>
      </div>
      <div className="board-columns">
        <div>
          <h3>{say('board.inFlight')}</h3>
          <Bars
            bars={[
              ['board.dialing', inFlight.dialing],
              ['board.ringing', inFlight.ringing],
              ['board.screening', inFlight.screening],
              ['board.waiting', inFlight.waiting],
              ['board.connected', inFlight.connected],
            ]}
          />
        </div>
        <div>
          <h3>{say('board.day')}</h3>
          <Bars
            bars={[
              ['board.dialed', day.dialed],
              ['board.answered', day.answered],
              ['board.connected', day.connected],
              ['board.screened', day.screened],
              ['board.noAnswer', day.noAnswer],
              ['board.busy', day.busy],
              ['board.failed', day.failed],
            ]}
          />
          <p className={`budget ${budget.level}`} data-testid="budget">
            <Icon name={budget.level === 'good' ? 'check' : 'alert'} />
            <span>
              <Say
                text="board.budget"
                values={{
                  used: n(budget.used),
                  allowed: n(budget.allowed),
                  rate: format.percent(campaign.abandonRate),
                  cap: format.percent(campaign.abandonCap),
                }}
              />
            </span>
          </p>
        </div>
        <div>
          <h3>{say('board.callable')}</h3>
          <Bars
            bars={[
              ['board.callableNow', callable.now],
              ['board.callableLater', callable.later],
              ['board.inFlight', callable.inFlight],
              ['board.done', callable.done],
            ]}
          />
          <Reasons reasons={callable.reasons} />
        </div>
      </div>
      <LiveChart campaign={campaign} />
    </section>
  );
}

type BarText =
  | 'board.dialing'
  | 'board.ringing'
  | 'board.screening'
  | 'board.waiting'
  | 'board.connected'
  | 'board.dialed'
  | 'board.answered'
  | 'board.screened'
  | 'board.noAnswer'
  | 'board.busy'
  | 'board.failed'
  | 'board.callableNow'
  | 'board.callableLater'
  | 'board.inFlight'
  | 'board.done';

/** Figures with a bar behind each, all on the scale of the greatest. */
function Bars({ bars }: { bars: readonly (readonly [BarText, number])[] }): ReactNode {
  const { say, format } = useLocale();
  const greatest = Math.max(1, ...bars.map(([, value]) => value));
  return (
    <dl className="bars">
      {bars.map(([text, value]) => (
        <div key={text} className="bar-row">
          <dt>{say(text)}</dt>
          <dd>
            <span className="bar" style={{ inlineSize: `${(value / greatest) * 100}%` }} aria-hidden="true" />
            <bdi className="figure">{format.number(value)}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** The numbers a decision rests on. */
function Figures({ figures }: { figures: Readonly<Record<string, number>> }): ReactNode {
  const { sayIfKnown, format } = useLocale();
  const shown = Object.entries(figures).flatMap(([name, value]) => {
    const label = sayIfKnown(`figure.${name}`);
    return label === null ? [] : [{ name, label, value }];
  });
  if (shown.length === 0) return null;
  return (
    <p className="small why-figures">
      {shown.map(({ name, label, value }) => (
        <span key={name}>
          {label} <bdi className="figure strong">{format.number(value)}</bdi>
        </span>
      ))}
    </p>
  );
}

function Reasons({ reasons }: { reasons: Readonly<Record<string, number>> }): ReactNode {
  const { say, format } = useLocale();
  const top = topReasons(reasons, SHOWN_REASONS);
  if (top.length === 0) return null;
  return (
    <>
      <p className="small faint board-reasons-title">{say('board.laterBecause')}</p>
      <ul className="plain-list small board-reasons">
        {top.map(({ reason, count }) => (
          <li key={reason}>
            <span>
              <ReasonWords reason={reason} />
            </span>
            <bdi className="figure">{format.number(count)}</bdi>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Why debtors wait, in words: a general reason by name, a rule pack's cap or cool-off by its kind. */
function ReasonWords({ reason }: { reason: string }): ReactNode {
  const { sayIfKnown, say } = useLocale();
  const known = sayIfKnown(`waiting.${reason}`);
  if (known !== null) return known;
  return (
    <>
      {say('waiting.rule')} <bdi dir="ltr">{reason}</bdi>
    </>
  );
}
