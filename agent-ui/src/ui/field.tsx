import {
  useId,
  useState,
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
} from 'react';
import { useLocale } from '../i18n/locale.tsx';
import { Button } from './button.tsx';
import { Icon } from './icons.tsx';

interface Frame {
  label: string;
  hint?: ReactNode;
  /** What is wrong, in words; told to assistive technology with the field. */
  error?: string | null | undefined;
}

function FieldFrame({ id, label, hint, error, children }: Frame & { id: string; children: ReactNode }): ReactNode {
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      {children}
      {hint ? (
        <div className="field-hint" id={`${id}-hint`}>
          {hint}
        </div>
      ) : null}
      {error ? <FieldError id={`${id}-error`}>{error}</FieldError> : null}
    </div>
  );
}

/** The words under a field that say what is wrong with it. */
export function FieldError({ id, children }: { id?: string; children: string }): ReactNode {
  return (
    <div className="field-error" id={id} role="alert">
      <Icon name="alert" />
      <span>{children}</span>
    </div>
  );
}

function described(id: string, frame: Frame): { 'aria-describedby'?: string; 'aria-invalid': boolean } {
  const ids = [frame.hint && `${id}-hint`, frame.error && `${id}-error`].filter(Boolean).join(' ');
  return { 'aria-invalid': Boolean(frame.error), ...(ids ? { 'aria-describedby': ids } : {}) };
}

/** One line of text with its label, hint and error. */
export function TextField({
  label,
  hint,
  error,
  ...rest
}: Frame & Omit<InputHTMLAttributes<HTMLInputElement>, 'id' | 'className'>): ReactNode {
  const id = useId();
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error}>
      <input id={id} className="input" {...described(id, { label, hint, error })} {...rest} />
    </FieldFrame>
  );
}

/** A password that can be looked at. */
export function PasswordField({
  label,
  hint,
  error,
  ...rest
}: Frame & Omit<InputHTMLAttributes<HTMLInputElement>, 'id' | 'className' | 'type'>): ReactNode {
  const id = useId();
  const { say } = useLocale();
  const [shown, setShown] = useState(false);
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error}>
      <div className="with-end">
        <input
          id={id}
          className="input"
          type={shown ? 'text' : 'password'}
          {...described(id, { label, hint, error })}
          {...rest}
        />
        <span className="end">
          <Button look="bare" onClick={() => setShown(!shown)}>
            {say(shown ? 'password.hide' : 'password.show')}
          </Button>
        </span>
      </div>
    </FieldFrame>
  );
}

/** Several lines of text. */
export function TextArea({
  label,
  hint,
  error,
  ...rest
}: Frame & Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'id' | 'className'>): ReactNode {
  const id = useId();
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error}>
      <textarea id={id} className="input" {...described(id, { label, hint, error })} {...rest} />
    </FieldFrame>
  );
}

/** One of a few, as the machine's own list. */
export function SelectField({
  label,
  hint,
  error,
  children,
  ...rest
}: Frame & Omit<SelectHTMLAttributes<HTMLSelectElement>, 'id' | 'className'>): ReactNode {
  const id = useId();
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error}>
      <select id={id} className="input" {...described(id, { label, hint, error })} {...rest}>
        {children}
      </select>
    </FieldFrame>
  );
}
