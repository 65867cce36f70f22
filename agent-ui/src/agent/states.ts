import type { AgentState } from '../../../server/contract/desk.ts';
import type { IconName } from '../ui/icons.tsx';

/** How each state looks: a colour and a sign, so that neither has to be told apart by colour alone. */
export const STATE_LOOKS: Readonly<
  Record<AgentState, { tone: 'good' | 'warn' | 'brand' | 'calm' | 'info' | 'quiet'; icon: IconName }>
> = {
  offline: { tone: 'quiet', icon: 'moon' },
  connecting: { tone: 'info', icon: 'refresh' },
  paused: { tone: 'warn', icon: 'coffee' },
  ready: { tone: 'good', icon: 'check' },
  offered: { tone: 'info', icon: 'bell' },
  talking: { tone: 'brand', icon: 'phone' },
  wrap_up: { tone: 'calm', icon: 'note' },
};
