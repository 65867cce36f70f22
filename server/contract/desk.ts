import { z } from 'zod';
import { normaliseDigits } from './digits.ts';
import { guidance } from './guidance.ts';
import { deskInbound } from './inbound.ts';
import { outcome, outcomeEffect } from './outcomes.ts';
import { problem } from './people.ts';
import { recycling } from './recycling.ts';

/** The agent's desk: what the dialer knows of one agent, and what an agent may ask of it. */

export const AGENT_STATES = ['offline', 'connecting', 'paused', 'ready', 'offered', 'talking', 'wrap_up'] as const;
export type AgentState = (typeof AGENT_STATES)[number];

/** Reasons a person may choose; the system has its own (below). Longest times in minutes, null: none. */
export const PAUSE_REASONS = { break: 15, lunch: 60, prayer: 20, training: null, meeting: null, other: 10 } as const;
export type PauseReason = keyof typeof PAUSE_REASONS;
/** What a person may choose. */
export const chosenPauseReason = z.enum(['break', 'lunch', 'prayer', 'training', 'meeting', 'other'] satisfies PauseReason[]);
export const SYSTEM_PAUSE_REASONS = [
  'logged_in',
  'leg_lost',
  'console_silent',
  'wrap_up_expired',
  'station_unreachable',
] as const;
export const pauseReason = z.enum([...chosenPauseReason.options, ...SYSTEM_PAUSE_REASONS]);

/** A debtor's file as the agent sees it. Money in minor units as strings, dates ISO; the console localises both. */
export const debtorFile = z.object({
  partyId: z.uuid(),
  displayName: z.string(),
  kind: z.enum(['person', 'company']),
  country: z.string(),
  address: z.string().nullable(),
  language: z.string().nullable(),
  timeZones: z.array(z.string()),
  /** Every number that was ever the person's. `place`: `work` where it is known to ring there. */
  phones: z.array(z.object({ id: z.uuid(), number: z.string(), type: z.string(), state: z.string(), place: z.string() })),
  debts: z.array(
    z.object({
      id: z.uuid(),
      creditor: z.string(),
      account: z.string(),
      product: z.string().nullable(),
      currency: z.string(),
      balanceMinor: z.string(),
      dueOn: z.string().nullable(),
      state: z.string(),
      /** What the person is for it: debtor, co_debtor, guarantor, attorney. */
      role: z.string().default('debtor'),
      /** Who else stands for it. */
      others: z.array(z.object({ partyId: z.uuid(), name: z.string(), role: z.string() })).default([]),
    }),
  ),
  promises: z.array(z.object({ amountMinor: z.string(), currency: z.string(), dueOn: z.string(), state: z.string() })),
  holds: z.array(z.object({ kind: z.string(), endsAt: z.string().nullable() })),
  /** The last word on each channel and number. `phoneId` null: on any number. */
  consents: z.array(
    z.object({ kind: z.string(), channel: z.string(), phoneId: z.uuid().nullable(), granted: z.boolean(), at: z.string() }),
  ),
  /** When or where they do not want to be called; `time` by their own clock, one of the two is null. */
  preferences: z.array(
    z.object({
      time: z.object({ days: z.array(z.number().int()), from: z.string(), to: z.string() }).nullable(),
      place: z.string().nullable(),
    }),
  ),
  attempts: z.array(
    z.object({
      at: z.string(),
      number: z.string(),
      result: z.string().nullable(),
      outcome: z.string().nullable(),
      note: z.string().nullable(),
    }),
  ),
  score: z.number().int().nullable(),
});
export type DebtorFile = z.infer<typeof debtorFile>;

/** The call on an agent's desk. `music`: the agent's leg was lost and is being called back while the debtor hears music. */
export const deskCall = z.object({
  attemptId: z.uuid(),
  campaignId: z.uuid(),
  campaignName: z.string(),
  /** E.164; empty where somebody called whose number was not told. */
  number: z.string(),
  phoneId: z.uuid().nullable(),
  /** Of a call that came in; null: we called. Its file comes once the caller is confirmed. */
  inbound: deskInbound.nullable(),
  phase: z.enum(['offered', 'talking', 'held', 'music', 'ended']),
  muted: z.boolean(),
  /** The switch's stamps of the human verdict (or answer) and of the bridge, for answer→bridge and bridge→screen. */
  connectedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  /** The campaign's, by which the console foretells what an outcome will do. */
  recycling,
  file: debtorFile.nullable(),
  /** What the rules of their place ask of whoever speaks with them; null while it is not known. */
  guidance: guidance.nullable(),
});
export type DeskCall = z.infer<typeof deskCall>;

/** All of one agent's desk. `seq` rises by one with every change; a client that sees a gap asks for a snapshot. */
export const desk = z.object({
  seq: z.number().int(),
  agentId: z.uuid(),
  state: z.enum(AGENT_STATES),
  reason: pauseReason.nullable(),
  since: z.string(),
  /** The server's clock when this was written, so that timers never trust the client's. */
  serverTime: z.string(),
  /** A supervisor, who serves no campaign and takes only calls that may hear no message and have lost their agent. */
  standsBy: z.boolean(),
  campaignId: z.uuid().nullable(),
  campaigns: z.array(z.object({ id: z.uuid(), name: z.string(), state: z.string() })),
  pauseAfterCall: pauseReason.nullable(),
  logOutAfterCall: z.boolean(),
  /** Can take a call now: leg up and console answering. */
  able: z.boolean(),
  legUp: z.boolean(),
  call: deskCall.nullable(),
  /** When the wrap-up runs out, while it lasts. */
  wrapUpEndsAt: z.string().nullable(),
  /** What the last saved outcome did to the debtor's next attempt. */
  lastEffect: outcomeEffect.nullable(),
});
export type Desk = z.infer<typeof desk>;

/** What an agent may ask. Refused by name when the state does not allow it. */
export const deskCommand = z.discriminatedUnion('type', [
  /** Calls the station: an echo, ended after 20 s or by `end_test`. */
  z.object({ type: z.literal('test_station') }),
  z.object({ type: z.literal('end_test') }),
  z.object({ type: z.literal('log_in'), campaignId: z.uuid().nullable() }),
  z.object({ type: z.literal('log_out') }),
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('pause'), reason: chosenPauseReason }),
  /** The console was loaded anew (or its softphone registered again): call the station back if its leg is gone. */
  z.object({ type: z.literal('reattach') }),
  z.object({ type: z.literal('hang_up') }),
  z.object({ type: z.literal('hold'), on: z.boolean() }),
  z.object({ type: z.literal('mute'), on: z.boolean() }),
  z.object({
    type: z.literal('digits'),
    digits: z
      .string()
      .overwrite(normaliseDigits)
      .regex(/^[0-9*#A-D]{1,32}$/),
  }),
  /** Who is calling: the candidate who said so themselves, or null for none of them. */
  z.object({ type: z.literal('identify'), attemptId: z.uuid(), partyId: z.uuid().nullable() }),
  /** Looks for a caller whose number tells nothing, by what they say themselves: an account number, a national id, or a number they have. */
  z.object({ type: z.literal('find_caller'), attemptId: z.uuid(), text: z.string().trim().min(3).max(80) }),
  z.object({
    type: z.literal('dispose'),
    attemptId: z.uuid(),
    outcome,
    note: z.string().max(4_000).default(''),
    next: z.enum(['ready', 'pause']),
  }),
]);
export type DeskCommand = z.infer<typeof deskCommand>;

/** The answer to a command. After `ok` what was asked is done (and, for an outcome, committed). */
export const deskReply = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), desk }),
  z.object({ ok: z.literal(false), problem }),
]);
export type DeskReply = z.infer<typeof deskReply>;

/** PUT /api/v1/notes/:attemptId, saved by itself while the agent types; `version` is the last one seen, 0 for none. A stale one is refused. */
export const noteBody = z.object({ body: z.string().max(4_000), version: z.number().int().min(0) });
export const noteRow = z.object({ attemptId: z.uuid(), body: z.string(), version: z.number().int() });
export type NoteRow = z.infer<typeof noteRow>;
