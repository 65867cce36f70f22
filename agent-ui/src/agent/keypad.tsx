import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { normaliseDigits } from '../../../server/contract/digits.ts';
import { useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { useCommand } from './agent-context.tsx';

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'] as const;

/** Touch tones into the running call, by mouse or keyboard; a telephone's keypad reads left to right in every language. */
export function Keypad({ onClose }: { onClose: () => void }): ReactNode {
  const { say, format } = useLocale();
  const { run } = useCommand();
  const [sent, setSent] = useState('');
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => panel.current?.querySelector('button')?.focus(), []);

  function press(key: string): void {
    setSent((before) => (before + key).slice(-24));
    void run({ type: 'digits', digits: key });
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === 'Escape') {
      onClose();
      return;
    }
    const key = normaliseDigits(event.key);
    if (!event.ctrlKey && !event.altKey && KEYS.some((one) => one === key)) {
      event.preventDefault();
      event.stopPropagation();
      press(key);
    }
  }

  return (
    <div ref={panel} className="keypad card" role="group" aria-label={say('call.keypad')} dir="ltr">
      <output className="keypad-sent code" aria-label={say('keypad.sent')}>
        {format.digits(sent)}
      </output>
      {KEYS.map((key) => (
        <Button key={key} look="plain" large onKeyDown={onKeyDown} onClick={() => press(key)}>
          {format.digits(key)}
        </Button>
      ))}
    </div>
  );
}
