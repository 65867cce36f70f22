import { stationAccountFor } from '../../agents/stations.ts';
import { stationAccount } from '../../contract/people.ts';
import { Refusal } from '../../kernel/errors.ts';
import type { App } from '../app.ts';
import { signedIn } from '../guard.ts';
import type { WebServices } from '../services.ts';

const PROVISION_LIMIT_MS = 3_000;

/** The SIP account of the agent's own station, made known to the switch before it is given out. */
export function stationRoutes(app: App, services: WebServices): void {
  app.get(
    '/api/v1/station',
    { config: { permission: 'station.use' }, schema: { response: { 200: stationAccount } } },
    async (request, reply) => {
      const who = signedIn(request);
      const provisioned = await services.floor.ask({ type: 'provision_station', agentId: who.userId }, PROVISION_LIMIT_MS);
      if (!provisioned.ok) throw new Refusal(provisioned.problem.code, provisioned.problem.message, { status: 503 });
      // The secret must not lie in a cache on the way.
      reply.header('cache-control', 'no-store');
      const { wsUrl: _, ...address } = services.sip;
      return { kind: who.stationKind, ...stationAccountFor(services.stationKey, who.userId), domain: address.host, ...address };
    },
  );
}
