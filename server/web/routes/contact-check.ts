import { contactCheck, contactCheckBody } from '../../contract/contact-check.ts';
import { answerOf } from '../../queue/check-answer.ts';
import { checkContact, type CheckSubject } from '../../queue/check.ts';
import type { App } from '../app.ts';
import type { WebServices } from '../services.ts';

/** "May we call, if not why, and when?" Ids and numbers of people come in the body: addresses end up in logs. */
export function contactCheckRoutes(app: App, { database }: WebServices): void {
  app.post(
    '/api/v1/contact-check',
    { config: { permission: 'contact.check' }, schema: { body: contactCheckBody, response: { 200: contactCheck } } },
    async (request) => {
      const { at, campaignId, ...subject } = request.body;
      return answerOf(
        await checkContact(database, {
          subject: subjectOf(subject),
          at: at === undefined ? null : Temporal.Instant.from(at),
          campaignId: campaignId ?? null,
        }),
      );
    },
  );
}

function subjectOf(body: {
  partyId?: string | undefined;
  phoneId?: string | undefined;
  number?: string | undefined;
}): CheckSubject {
  if (body.partyId !== undefined) return { partyId: body.partyId };
  if (body.phoneId !== undefined) return { phoneId: body.phoneId };
  return { number: body.number ?? '' };
}
