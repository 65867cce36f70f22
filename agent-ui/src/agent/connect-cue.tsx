import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { DeskCall } from '../../../server/contract/desk.ts';
import { useLocale } from '../i18n/locale.tsx';
import { playConnectTone } from '../softphone/tones.ts';

const FLASH_MS = 1_200;

/** Tells the agent's ear, eye and screen reader that a debtor is on the line; once a call, and not again after a reload or a hold. */
export function ConnectCue({ call }: { call: DeskCall | null }): ReactNode {
  const { say } = useLocale();
  const [shown, setShown] = useState<{ attemptId: string; name: string } | null>(null);
  const known = useRef<string | null>(null);
  const attemptId = call !== null && call.phase === 'talking' ? call.attemptId : null;
  const name = call?.file?.displayName ?? call?.number ?? '';

  useEffect(() => {
    if (attemptId === null || known.current === attemptId) return;
    known.current = attemptId;
    playConnectTone();
    setShown({ attemptId, name });
    const timer = setTimeout(() => setShown(null), FLASH_MS);
    return () => clearTimeout(timer);
  }, [attemptId, name]);

  return (
    <>
      <div className="hidden-text" role="alert" aria-live="assertive">
        {shown ? say('call.connectedTo', { name: shown.name }) : ''}
      </div>
      {shown ? <div className="connect-flash" aria-hidden="true" /> : null}
    </>
  );
}
