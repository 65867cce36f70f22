import { useEffect, useRef, type ReactNode } from 'react';
import { useLocale } from '../i18n/locale.tsx';
import { FieldError } from '../ui/field.tsx';
import { Icon } from '../ui/icons.tsx';

const LISTS =
  '.csv,.tsv,.txt,.xlsx,text/csv,text/tab-separated-values,text/plain,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** A list to be sent, chosen or dropped. Once it is sent (null), the same one can be chosen again. */
export function FileField({
  id,
  file,
  error,
  onChange,
}: {
  id: string;
  file: File | null;
  error: string | null;
  onChange: (file: File | null) => void;
}): ReactNode {
  const { say } = useLocale();
  const chooser = useRef<HTMLInputElement>(null);
  // A browser says nothing of the same file chosen again while it still holds it.
  useEffect(() => {
    if (file === null && chooser.current) chooser.current.value = '';
  }, [file]);
  return (
    <div className="field">
      <div
        className="drop"
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault();
          const [dropped] = event.dataTransfer.files;
          if (dropped) onChange(dropped);
        }}
      >
        <Icon name="file" />
        <label className="button plain" htmlFor={id}>
          {say('import.file')}
        </label>
        <input
          ref={chooser}
          id={id}
          className="hidden-text"
          type="file"
          accept={LISTS}
          aria-invalid={error !== null}
          aria-describedby={`${id}-name`}
          onChange={(event) => onChange(event.target.files?.[0] ?? null)}
        />
        <span id={`${id}-name`}>{file ? <bdi>{file.name}</bdi> : <span className="faint">{say('import.fileHint')}</span>}</span>
      </div>
      {error === null ? null : <FieldError>{error}</FieldError>}
    </div>
  );
}
