import { z } from 'zod';
import { previewScorecard, readScorecardState, saveScorecard } from '../../campaigns/scorecard.ts';
import { previewBody, saveScorecardBody, scorecardState, scorePreview } from '../../contract/scoring.ts';
import type { App } from '../app.ts';
import { signedIn } from '../guard.ts';
import type { WebServices } from '../services.ts';

const byId = z.object({ id: z.uuid() });

/** Scorecards: what a campaign's debtors are ordered by, what a change would do, and its versions. */
export function scoringRoutes(app: App, { database }: WebServices): void {
  app.get(
    '/api/v1/campaigns/:id/scorecard',
    { config: { permission: 'campaigns.read' }, schema: { params: byId, response: { 200: scorecardState } } },
    (request) => readScorecardState(database, request.params.id),
  );

  app.post(
    '/api/v1/campaigns/:id/scorecard/preview',
    {
      config: { permission: 'campaigns.change' },
      schema: { params: byId, body: previewBody, response: { 200: scorePreview } },
    },
    (request) => previewScorecard(database, request.params.id, request.body.scorecard),
  );

  app.put(
    '/api/v1/campaigns/:id/scorecard',
    {
      config: { permission: 'campaigns.change' },
      schema: { params: byId, body: saveScorecardBody, response: { 200: scorecardState } },
    },
    async (request) => {
      const { userId, demo } = signedIn(request);
      await saveScorecard(database, request.params.id, request.body, { userId, demo });
      return readScorecardState(database, request.params.id);
    },
  );
}
