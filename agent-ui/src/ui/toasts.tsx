import { useEffect, useSyncExternalStore, type ReactNode } from 'react';
import { useLocale } from '../i18n/locale.tsx';
import { Button } from './button.tsx';
import { Icon } from './icons.tsx';

interface Toast {
  id: number;
  kind: 'done' | 'failed';
  text: string;
  retry: (() => void) | null;
}

const SHOWN_FOR_MS = 6_000;
let toasts: readonly Toast[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

/** Shows a short message at the foot of the page: what was done goes by itself, what failed stays until it is dismissed. */
export function toast(kind: 'done' | 'failed', text: string, retry: (() => void) | null = null): void {
  set([...toasts.filter((other) => other.text !== text).slice(-2), { id: nextId++, kind, text, retry }]);
}

function dismiss(id: number): void {
  set(toasts.filter((other) => other.id !== id));
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Where toasts appear; once a page. */
export function Toasts(): ReactNode {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <div className="toast-shelf" role="status" aria-live="polite">
      {shown.map((one) => (
        <ToastView key={one.id} toast={one} />
      ))}
    </div>
  );
}

function ToastView({ toast: one }: { toast: Toast }): ReactNode {
  const { say } = useLocale();
  useEffect(() => {
    if (one.kind === 'failed') return;
    const timer = setTimeout(() => dismiss(one.id), SHOWN_FOR_MS);
    return () => clearTimeout(timer);
  }, [one]);
  return (
    <div className="toast" data-testid={`toast-${one.kind}`}>
      <Icon name={one.kind === 'done' ? 'check' : 'alert'} />
      <span className="grow">{one.text}</span>
      {one.retry ? (
        <Button
          onClick={() => {
            dismiss(one.id);
            one.retry?.();
          }}
        >
          {say('common.retry')}
        </Button>
      ) : null}
      <Button look="bare" icon="close" name={say('common.dismiss')} onClick={() => dismiss(one.id)} />
    </div>
  );
}
