import { useCallback, useSyncExternalStore } from 'react';

/** The page's monotonic clock in steps of `everyMs`, rendering its component anew at each; still while `on` is false. */
export function useTicking(on: boolean, everyMs = 250): number {
  const subscribe = useCallback(
    (listener: () => void) => {
      const timer = on ? setInterval(listener, everyMs) : undefined;
      return () => clearInterval(timer);
    },
    [on, everyMs],
  );
  return useSyncExternalStore(subscribe, () => Math.floor(performance.now() / everyMs) * everyMs);
}
