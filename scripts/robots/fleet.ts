import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { campaignRow, type CampaignRow } from '../../server/contract/campaigns.ts';
import { trunkRow } from '../../server/contract/trunks.ts';
import { userRow, type CreateUserBody } from '../../server/contract/people.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import { chance } from './chance.ts';
import type { Client } from './client.ts';
import type { Notes } from './notes.ts';
import { startRobot, type Robot } from './robot.ts';
import type { Habits } from './rules.ts';

/** A robot's sign-in; the password is made anew for every run. */
export interface RobotAccount {
  login: string;
  password: string;
}

/** Robots may not work here. The message says why in one line. */
export class NoPlaceForRobots extends Error {}

/** Robots dial nobody's debtors: the server must be a demo, and no trunk of it may lead to the public network. */
export async function demandDemo(admin: Client): Promise<void> {
  if (!admin.me.demo) throw new NoPlaceForRobots(`${admin.url} is not a demo: robots work on the demo floor only`);
  const trunks = await admin.get('/api/v1/trunks', z.array(trunkRow));
  const real = trunks.find((trunk) => trunk.kind === 'real');
  if (real !== undefined) throw new NoPlaceForRobots(`trunk '${real.name}' is real: robots work on the demo carrier only`);
}

/** The demo campaigns of a server. */
export async function demoCampaigns(admin: Client): Promise<CampaignRow[]> {
  const campaigns = await admin.get('/api/v1/campaigns', z.array(campaignRow));
  return campaigns.filter((campaign) => campaign.demo);
}

/** Makes users robot-1 … robot-N with SIP phones who serve the campaigns; those of an earlier run get a new password. */
export async function enrolRobots(admin: Client, count: number, campaignIds: readonly string[]): Promise<RobotAccount[]> {
  const known = new Map((await admin.get('/api/v1/users', z.array(userRow))).map((user) => [user.login, user.id]));
  const accounts: RobotAccount[] = [];
  for (let number = 1; number <= count; number++) {
    const account = { login: `robot-${number}`, password: randomBytes(18).toString('base64url') };
    const body: CreateUserBody = {
      ...account,
      displayName: `Robot ${number}`,
      role: 'agent',
      language: 'en',
      stationKind: 'sip',
      campaignIds: [...campaignIds],
    };
    const id = known.get(account.login);
    if (id === undefined) await admin.send('POST', '/api/v1/users', body, userRow);
    else {
      const { login: _, ...changes } = body;
      await admin.send('PATCH', `/api/v1/users/${id}`, { ...changes, disabled: false }, userRow);
    }
    accounts.push(account);
  }
  return accounts;
}

/** Robots at work. `leave` lets each finish, record its outcome and log out, within `withinMs` for all. */
export interface Fleet {
  readonly robots: readonly Robot[];
  leave(withinMs: number): Promise<void>;
}

/**
 * Starts a robot per account, a few at a time. `campaignIds` are given out in turn. One that cannot start is counted in `notes`;
 * when none can, the first one's fault is thrown.
 */
export async function startFleet(options: {
  url: string;
  accounts: readonly RobotAccount[];
  campaignIds: readonly string[];
  habits: Habits;
  seed: number;
  notes: Notes;
  atOnce?: number;
  quiet?: boolean;
}): Promise<Fleet> {
  const robots: Robot[] = [];
  const faults: unknown[] = [];
  const waiting = options.accounts.entries();
  async function startSome(): Promise<void> {
    for (const [index, account] of waiting) {
      try {
        const robot = await startRobot({
          url: options.url,
          ...account,
          campaignId: options.campaignIds[index % options.campaignIds.length] ?? null,
          habits: options.habits,
          random: chance(options.seed * 1_000 + index),
          clock: systemClock,
          notes: options.notes,
          quiet: options.quiet ?? false,
        });
        robots.push(robot);
      } catch (fault) {
        options.notes.refused('robot_did_not_start');
        faults.push(fault);
      }
    }
  }
  await Promise.all(Array.from({ length: options.atOnce ?? 4 }, startSome));
  if (robots.length === 0 && faults.length > 0) throw faults[0];
  return {
    robots,
    async leave(withinMs) {
      await Promise.all(robots.map((robot) => robot.leave(withinMs)));
    },
  };
}
