import { useEffect, useState } from 'react';
import { incidents as incidentsBody, type Incidents } from '../../../server/contract/incidents.ts';
import { ask } from '../connection/http.ts';

const EVERY_MS = 10_000;

/** The incidents of a floor's last 24 hours, asked for every ten seconds; null until they are known, the last known when the line is lost. */
export function useIncidents(floorId: string): Incidents | null {
  const [known, setKnown] = useState<Incidents | null>(null);
  useEffect(() => {
    let gone = false;
    function look(): void {
      ask('GET', `/floors/${encodeURIComponent(floorId)}/incidents`, incidentsBody).then(
        (answer) => {
          if (!gone) setKnown(answer);
        },
        () => {
          // The board says that the line is lost; it is asked again.
        },
      );
    }
    look();
    const timer = setInterval(look, EVERY_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [floorId]);
  return known;
}
