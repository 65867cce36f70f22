import { createContext, useContext, useState, type ReactNode } from 'react';
import type { DeskCommand, DeskReply } from '../../../server/contract/desk.ts';
import type { Me } from '../../../server/contract/people.ts';
import type { DeskModel } from '../connection/desk-model.ts';
import type { DeskStore } from '../connection/desk-store.ts';
import { problemWords } from '../connection/problem-words.ts';
import { useLocale } from '../i18n/locale.tsx';
import type { Phone, PhoneState } from '../softphone/phone.ts';
import { toast } from '../ui/toasts.tsx';
import { allowed, type Allowed } from './desk-view.ts';

/** What every part of the agent's page may use. `phone` is null at a station that is no browser. */
export interface AgentDesk {
  me: Me;
  model: DeskModel;
  can: Allowed;
  store: DeskStore;
  phone: Phone | null;
  /** The station is this browser, also while the phone is still being made. */
  browserStation: boolean;
  phoneState: PhoneState;
}

const AgentContext = createContext<AgentDesk | null>(null);

/** Gives the parts of the page the desk and the phone. */
export function AgentProvider({ value, children }: { value: Omit<AgentDesk, 'can'>; children: ReactNode }): ReactNode {
  return <AgentContext value={{ ...value, can: allowed(value.model) }}>{children}</AgentContext>;
}

/** The desk and the phone of this page. */
export function useAgent(): AgentDesk {
  const agent = useContext(AgentContext);
  if (!agent) throw new Error('useAgent outside AgentProvider');
  return agent;
}

/** Sends commands and tells the agent when one fails, with a button to try again; `busy` names the one under way. */
export function useCommand(): { run: (command: DeskCommand) => Promise<DeskReply>; busy: DeskCommand['type'] | null } {
  const { store } = useAgent();
  const locale = useLocale();
  const [busy, setBusy] = useState<DeskCommand['type'] | null>(null);
  async function run(command: DeskCommand): Promise<DeskReply> {
    setBusy(command.type);
    const reply = await store.send(command);
    setBusy(null);
    if (!reply.ok) toast('failed', problemWords(locale, reply.problem), () => void run(command));
    return reply;
  }
  return { run, busy };
}
