import type { ReactNode } from 'react';
import type { Wallboard } from '../../../server/contract/wallboard.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import type { TextKey } from '../i18n/texts.ts';
import { Icon, type IconName } from '../ui/icons.tsx';
import { budgetView, tightest, totalsOf } from './board-view.ts';

/** The eight figures that tell from across the room how the floor is. */
export function Tiles({ board }: { board: Wallboard }): ReactNode {
  const { say, format } = useLocale();
  const totals = totalsOf(board);
  const worst = tightest(board.campaigns);
  const budget = worst === null ? null : budgetView(worst.budget);
  const healthy = board.dialerUp && board.switchUp;
  const n = format.number;
  return (
    <ul className="tiles" aria-label={say('board.tiles')}>
      <Tile icon="people" title="tile.agents" value={n(totals.onDuty)} testId="tile-agents">
        <Say
          text="tile.agentsBy"
          values={{
            talking: n(totals.agents.talking),
            ready: n(totals.agents.ready),
            wrapUp: n(totals.agents.wrap_up),
            paused: n(totals.agents.paused),
          }}
        />
      </Tile>
      <Tile
        icon="signal"
        title="tile.busy"
        value={totals.busyShare === null ? '—' : format.percent(totals.busyShare)}
        testId="tile-busy"
      >
        <Say text="tile.able" values={{ n: n(totals.able), count: totals.able }} />
      </Tile>
      <Tile icon="phone" title="tile.inFlight" value={n(totals.inFlight)} testId="tile-in-flight">
        <Say
          text="tile.inFlightBy"
          values={{
            trying: n(totals.trying),
            screening: n(totals.screening),
            waiting: n(totals.waiting),
            connected: n(totals.connected),
          }}
        />
      </Tile>
      <Tile
        icon="alert"
        title="tile.abandoned"
        value={budget === null ? '—' : format.percent(budget.rate)}
        tone={budget === null || budget.level === 'good' ? undefined : budget.level}
        testId="tile-abandoned"
      >
        {worst === null || budget === null ? null : (
          <>
            {board.campaigns.length > 1 ? (
              <>
                <bdi>{worst.name}</bdi>:{' '}
              </>
            ) : null}
            <Say
              text={`budget.${budget.says}`}
              values={{
                used: n(worst.budget.abandoned),
                allowed: n(worst.budget.allowed),
                time: worst.budget.reachedAt === null ? '' : format.time(worst.budget.reachedAt),
              }}
            />
          </>
        )}
      </Tile>
      <Tile icon="check" title="tile.answered" value={n(totals.answered)} testId="tile-answered">
        <Say text="tile.answeredOf" values={{ dialed: n(totals.dialed), connected: n(totals.connectedToday) }} />
      </Tile>
      <Tile icon="list" title="tile.callable" value={n(totals.callableNow)} testId="tile-callable">
        <Say
          text="tile.callableRest"
          values={{ later: n(totals.callableLaterToday), blocked: n(totals.blocked), done: n(totals.done) }}
        />
      </Tile>
      <Tile
        icon={totals.dialing > 0 ? 'play' : 'pause'}
        title="tile.dialing"
        value={say(totals.dialing > 0 ? 'tile.dialingYes' : 'tile.dialingNo')}
        tone={totals.dialing > 0 ? 'good' : 'warn'}
        testId="tile-dialing"
      >
        <Say text="tile.dialingOf" values={{ n: n(totals.dialing), running: n(totals.running) }} />
      </Tile>
      <Tile
        icon="shield"
        title="tile.system"
        value={say(healthy ? 'tile.systemGood' : 'tile.systemBad')}
        tone={healthy ? 'good' : 'danger'}
        testId="tile-system"
      >
        {say(board.dialerUp ? (board.switchUp ? 'tile.systemAll' : 'tile.switchDown') : 'tile.dialerDown')}
      </Tile>
    </ul>
  );
}

function Tile({
  icon,
  title,
  value,
  tone,
  testId,
  children,
}: {
  icon: IconName;
  title: TextKey;
  value: string;
  tone?: 'good' | 'warn' | 'danger' | undefined;
  testId: string;
  children: ReactNode;
}): ReactNode {
  const { say } = useLocale();
  return (
    <li className={`tile card ${tone ?? ''}`} data-testid={testId}>
      <div className="tile-title">
        <Icon name={icon} />
        {say(title)}
      </div>
      <div className="tile-value figure">
        <bdi>{value}</bdi>
      </div>
      <div className="tile-note">{children}</div>
    </li>
  );
}
