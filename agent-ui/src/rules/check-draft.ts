import { writtenNumber, type ContactCheckBody } from '../../../server/contract/contact-check.ts';

/** The question while it is being written: a debtor's id, or a number; day and time of the reader's own clock, or neither for now. */
export interface CheckDraft {
  subject: string;
  /** `YYYY-MM-DD` */
  day: string | null;
  /** `HH:MM` */
  time: string | null;
  campaignId: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The question as it is sent, or the field that stands in the way. */
export function checkBodyOf(
  draft: CheckDraft,
): { body: ContactCheckBody; field: null } | { body: null; field: 'subject' | 'time' } {
  const { day, time, campaignId } = draft;
  const subject = draft.subject.trim();
  if ((day === null) !== (time === null)) return { body: null, field: 'time' };
  const rest = {
    ...(day === null || time === null ? {} : { at: new Date(`${day}T${time}:00`).toISOString() }),
    ...(campaignId === '' ? {} : { campaignId }),
  };
  if (UUID.test(subject)) return { body: { partyId: subject.toLowerCase(), ...rest }, field: null };
  const number = writtenNumber.safeParse(subject);
  return number.success ? { body: { number: number.data, ...rest }, field: null } : { body: null, field: 'subject' };
}
