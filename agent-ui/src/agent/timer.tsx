import type { ReactNode } from 'react';
import { serverNow, type DeskModel } from '../connection/desk-model.ts';
import { useLocale } from '../i18n/locale.tsx';
import { useTicking } from '../ui/ticking.ts';

/** Time since an instant of the server, by the server's clock; `until` counts down instead. */
export function Timer({ model, since, until }: { model: DeskModel; since?: string; until?: string }): ReactNode {
  const { format } = useLocale();
  const now = serverNow(model, useTicking(true));
  if (now === null) return null;
  const ms = since === undefined ? Math.ceil((Date.parse(until ?? '') - now) / 1000) * 1000 : now - Date.parse(since);
  return (
    <bdi className="figure" role="timer" aria-live="off" data-testid="timer">
      {format.timer(Number.isNaN(ms) ? 0 : ms)}
    </bdi>
  );
}
