import { useEffect, useId, useRef, type ReactNode } from 'react';
import { useLocale } from '../i18n/locale.tsx';
import { Button } from './button.tsx';

/** A modal dialog on the browser's own `<dialog>`: focus stays inside, Escape closes, focus returns to where it was. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }): ReactNode {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  const { say } = useLocale();
  useEffect(() => {
    const dialog = element.current;
    if (dialog && !dialog.open) dialog.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={element}
      className="dialog"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      // Light dismissal is the browser's own.
      {...{ closedby: 'any' }}
    >
      <div className="dialog-head">
        <h2 id={id}>{title}</h2>
        <Button look="bare" icon="close" name={say('common.close')} onClick={onClose} />
      </div>
      <div className="dialog-body">{children}</div>
    </dialog>
  );
}
