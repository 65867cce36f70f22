import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Incident } from '../../../server/contract/incidents.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import { Icon } from '../ui/icons.tsx';
import { useIncidents } from './use-incidents.ts';

/** What went wrong in the last 24 hours and what to do about it; nothing when nothing did. On the wall it names nobody. */
export function Incidents({ floorId, kiosk }: { floorId: string; kiosk: boolean }): ReactNode {
  const { say, format } = useLocale();
  const data = useIncidents(floorId);
  if (!data || data.total === 0) return null;
  const more = data.total - data.newest.length;
  return (
    <section className="card incidents" aria-labelledby="incidents-title" data-testid="incidents">
      <header className="notice danger" role="alert">
        <Icon name="alert" />
        <div className="notice-text">
          <h2 id="incidents-title">
            <Say text="incident.title" values={{ n: format.number(data.total), count: data.total }} />
          </h2>
          <p>{say('incident.cut_without_message')}</p>
          <p>{say('incident.todo')}</p>
        </div>
      </header>
      {kiosk ? null : (
        <ul className="incident-list">
          {data.newest.map((incident) => (
            <Line key={incident.attemptId} incident={incident} />
          ))}
        </ul>
      )}
      {!kiosk && more > 0 ? (
        <p className="small faint">
          <Say text="incident.more" values={{ n: format.number(more), count: more }} />
        </p>
      ) : null}
    </section>
  );
}

function Line({ incident }: { incident: Incident }): ReactNode {
  const { say, format } = useLocale();
  return (
    <li className="row spread">
      <span>
        <bdi className="figure">{format.time(incident.at)}</bdi>{' '}
        <Say
          text={incident.agentName === null ? 'incident.line' : 'incident.lineAgent'}
          values={{ campaign: incident.campaignName, agent: incident.agentName ?? '' }}
        />
      </span>
      <Link to="/admin/debtors/$partyId" params={{ partyId: incident.partyId }}>
        {say('incident.file')}
      </Link>
    </li>
  );
}
