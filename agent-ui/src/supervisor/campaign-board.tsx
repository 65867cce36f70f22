import type { ReactNode } from 'react';
import type { BoardCampaign } from '../../../server/contract/wallboard.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import { Icon } from '../ui/icons.tsx';
import { Bars } from '../ui/bars.tsx';
import { budgetView, isDialing } from './board-view.ts';
import { LiveChart } from './live-chart.tsx';
import { Standing } from './standing.tsx';

/** One campaign: why it dials or does not, what is in flight, what the day brought, who is left to call. */
export function CampaignBoard({ campaign }: { campaign: BoardCampaign }): ReactNode {
  const { say, format } = useLocale();
  const dialing = isDialing(campaign);
  const budget = budgetView(campaign.budget);
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
              [say('board.dialing'), inFlight.dialing],
              [say('board.ringing'), inFlight.ringing],
              [say('board.screening'), inFlight.screening],
              [say('board.waiting'), inFlight.waiting],
              [say('board.connected'), inFlight.connected],
            ]}
          />
          {campaign.outlook === null ? null : (
            <p className="small board-outlook" data-testid="outlook">
              <Say
                text="board.outlook"
                values={{ answers: n(Math.round(campaign.outlook.answers)), agents: n(Math.round(campaign.outlook.agents)) }}
              />
            </p>
          )}
          <CallersLine inbound={campaign.inbound} />
          {campaign.utilisation === null ? null : (
            <p className="small" data-testid="utilisation">
              <Say text="board.utilisation" values={{ share: format.percent(campaign.utilisation) }} />
            </p>
          )}
        </div>
        <div>
          <h3>{say('board.day')}</h3>
          <Bars
            bars={[
              [say('board.dialed'), day.dialed],
              [say('board.answered'), day.answered],
              [say('board.connected'), day.connected],
              [say('board.screened'), day.screened],
              [say('board.noAnswer'), day.noAnswer],
              [say('board.busy'), day.busy],
              [say('board.failed'), day.failed],
            ]}
          />
          {day.judged === 0 ? null : (
            <p className="small" data-testid="undecided">
              <Say
                text="board.undecided"
                values={{ share: format.percent(day.undecided / day.judged), n: n(day.undecided), of: n(day.judged) }}
              />
            </p>
          )}
          <p className={`budget ${budget.level}`} data-testid="budget">
            <Icon name={budget.level === 'good' ? 'check' : 'alert'} />
            <span>
              <Say
                text={`budget.${budget.says}`}
                values={{
                  used: n(campaign.budget.abandoned),
                  allowed: n(campaign.budget.allowed),
                  time: campaign.budget.reachedAt === null ? '' : format.time(campaign.budget.reachedAt),
                }}
              />
              <span className="budget-rate">
                <Say
                  text="budget.rate"
                  values={{
                    rate: format.percent(budget.rate),
                    cap: format.percent(campaign.budget.cap),
                    window: say(`window.${campaign.budget.window}`),
                  }}
                />
              </span>
            </span>
          </p>
        </div>
        <div>
          <h3>{say('board.callable')}</h3>
          <Standing standing={callable} />
        </div>
      </div>
      <LiveChart campaign={campaign} />
    </section>
  );
}

/** Callers who wait and who talk; nothing while nobody calls. */
function CallersLine({ inbound }: { inbound: BoardCampaign['inbound'] }): ReactNode {
  const { say, format } = useLocale();
  if (inbound.waiting + inbound.talking === 0) return null;
  return (
    <p className={inbound.waiting > 0 ? 'small strong' : 'small'} data-testid="board-inbound">
      <Say text="board.inbound" values={{ waiting: format.number(inbound.waiting), talking: format.number(inbound.talking) }} />
      {inbound.since === null ? null : (
        <>
          {' '}
          {say('board.inboundSince')} <bdi className="figure">{format.time(inbound.since)}</bdi>
        </>
      )}
    </p>
  );
}

/** Figures that are shares of one. */
const SHARES: ReadonlySet<string> = new Set(['price', 'aimed']);

/** Figures that are words alone. */
const NOTICES: ReadonlySet<string> = new Set(['snapshotForgotten', 'recordGap']);

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
          {label}{' '}
          {NOTICES.has(name) ? null : (
            <bdi className="figure strong">{SHARES.has(name) ? format.percent(value) : format.number(Math.round(value))}</bdi>
          )}
        </span>
      ))}
    </p>
  );
}
