import { Link, useSearch } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { sessionNow } from '../connection/session.ts';
import { useLocale } from '../i18n/locale.tsx';
import { BackOffice } from '../ui/back-office.tsx';
import { Icon } from '../ui/icons.tsx';
import { AgentsTable } from './agents-table.tsx';
import { CampaignBoard } from './campaign-board.tsx';
import { Incidents } from './incidents.tsx';
import { Tiles } from './tiles.tsx';
import { useBoard } from './use-board.ts';
import './supervisor.css';

/** The live wallboard; `?kiosk=true` for a screen on the wall, which shows nobody's name. */
export function SupervisorPage(): ReactNode {
  const { say, format } = useLocale();
  // The server's own floor, as long as the address names none; kept after a sign-out, while the page is being left.
  const [own] = useState(() => sessionNow()?.floorId ?? 'main');
  const { kiosk = false, floor = own } = useSearch({ from: '/supervisor' });
  const { board, offsetMs, link, refusal } = useBoard(floor);
  const content = (
    <div className={kiosk ? 'board kiosk' : 'board'} data-testid="wallboard">
      <header className="row spread">
        <h1>{say('board.title')}</h1>
        <span className="row tight">
          {board ? (
            <span className="small faint" data-testid="board-at">
              {say('board.at')} <bdi className="figure">{format.time(board.at)}</bdi>
            </span>
          ) : null}
          {!kiosk && sessionNow()?.role === 'supervisor' ? (
            <Link to="/agent" target="_blank" className="button plain" data-testid="stand-by">
              {say('board.standBy')}
            </Link>
          ) : null}
          <Link to="/supervisor" search={kiosk ? {} : { kiosk: true }} className="button plain">
            {say(kiosk ? 'board.leaveKiosk' : 'board.kiosk')}
          </Link>
        </span>
      </header>
      <div role="status">
        {link === 'lost' ? (
          <div className="notice danger">
            <Icon name="alert" />
            <p className="notice-text">{say('board.lost')}</p>
          </div>
        ) : null}
        {refusal ? (
          <div className="notice danger">
            <Icon name="alert" />
            <p className="notice-text">{say('board.refused')}</p>
          </div>
        ) : null}
      </div>
      {board ? (
        <>
          <Incidents floorId={floor} kiosk={kiosk} />
          <Tiles board={board} />
          <div className="board-campaigns">
            {board.campaigns.map((campaign) => (
              <CampaignBoard key={campaign.id} campaign={campaign} />
            ))}
          </div>
          {board.campaigns.length === 0 ? <p className="card board-empty">{say('board.noCampaign')}</p> : null}
          {kiosk ? null : <AgentsTable board={board} offsetMs={offsetMs} />}
        </>
      ) : (
        <p className="faint">{say('common.loading')}</p>
      )}
    </div>
  );
  return kiosk ? <main id="main">{content}</main> : <BackOffice>{content}</BackOffice>;
}
