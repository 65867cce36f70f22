import { useState, type ReactNode } from 'react';
import { useChange } from '../connection/use-change.ts';
import { useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { toast } from '../ui/toasts.tsx';

/** Taking back what a file brought is asked twice; `lead` says what follows from it. */
export function TakeBack({ name, lead, take }: { name: string; lead: string; take: () => Promise<unknown> }): ReactNode {
  const { say } = useLocale();
  const [asking, setAsking] = useState(false);
  const change = useChange();

  async function takeBack(): Promise<void> {
    await take();
    toast('done', say('import.undoing', { name }));
    setAsking(false);
  }

  if (!asking) {
    return (
      <div className="row">
        <Button look="bare" onClick={() => setAsking(true)}>
          {say('import.undo')}
        </Button>
      </div>
    );
  }
  return (
    <div className="notice stack tight" role="group" aria-label={say('import.undoTitle', { name })}>
      <p className="strong">{say('import.undoTitle', { name })}</p>
      <p className="small">{lead}</p>
      <div className="row">
        <Button look="danger" busy={change.busy} onClick={() => void change.run(takeBack)}>
          {say('import.undoYes')}
        </Button>
        <Button onClick={() => setAsking(false)}>{say('common.cancel')}</Button>
      </div>
    </div>
  );
}
