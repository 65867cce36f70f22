import { useState, type ReactNode } from 'react';
import type { ByHandEffect } from '../../../server/contract/by-hand.ts';
import { problemWords } from '../connection/problem-words.ts';
import { useChange } from '../connection/use-change.ts';
import { useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { FieldError, TextField } from '../ui/field.tsx';
import { toast } from '../ui/toasts.tsx';

/** A form that writes one fact into a debtor's file: its fields, why, and what it did at once. */
export function ByHandForm({
  submit,
  write,
  onDone,
  fields = [],
  children,
}: {
  /** What the button says. */
  submit: string;
  write: (reason: string) => Promise<ByHandEffect>;
  onDone: () => void;
  /** Fields by whose side `children` shows what is wrong; all else stands below. */
  fields?: readonly string[];
  children?: (errorAt: (field: string) => string | null) => ReactNode;
}): ReactNode {
  const locale = useLocale();
  const { say, format } = locale;
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  const change = useChange(() => true);
  const { problem } = change;
  const besides = problem !== null && ![...fields, 'reason'].includes(problem.field ?? '');

  async function send(): Promise<void> {
    setMissing(reason.trim() === '');
    if (reason.trim() === '') return;
    await change.run(async () => {
      const { moved, calledOff, sharedWith = 0 } = await write(reason);
      const told = [say('byHand.done', { n: format.number(moved) })];
      if (calledOff > 0) told.push(say('record.calledOff', { n: format.number(calledOff) }));
      if (sharedWith > 0) told.push(say('numbers.shared', { n: format.number(sharedWith) }));
      toast('done', told.join(' '));
      onDone();
    });
  }

  return (
    <form
      noValidate
      className="stack"
      data-testid="by-hand-form"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <div className="form-grid">
        {children?.(change.errorAt)}
        <TextField
          label={say('byHand.reason')}
          value={reason}
          maxLength={500}
          autoComplete="off"
          error={missing ? say('invalid.required') : change.errorAt('reason')}
          onChange={(event) => setReason(event.target.value)}
        />
      </div>
      {besides ? <FieldError>{problemWords(locale, problem)}</FieldError> : null}
      <div className="row">
        <Button type="submit" look="primary" busy={change.busy}>
          {submit}
        </Button>
        <Button look="plain" onClick={onDone}>
          {say('common.cancel')}
        </Button>
      </div>
    </form>
  );
}
