import type { ReactNode } from 'react';
import type { ImportPreview } from '../../../server/contract/imports.ts';
import { useLocale } from '../i18n/locale.tsx';
import { SelectField } from '../ui/field.tsx';
import { columnFor, FIELDS_OF, isNeeded, missingFields, type ImportDraft } from './import-draft.ts';

/** Which column of the file each field is read from, with the first value under it, so that a wrong one is seen at once. */
export function ImportMapping({
  preview,
  draft,
  onChange,
}: {
  preview: ImportPreview;
  draft: ImportDraft;
  onChange: (draft: ImportDraft) => void;
}): ReactNode {
  const { say } = useLocale();
  const missing = missingFields(draft, preview);
  return (
    <fieldset className="hours-window" data-testid="mapping">
      <legend>
        <h3>{say('import.mapping')}</h3>
      </legend>
      <p className="faint small">{say('import.mappingLead')}</p>
      <div className="form-grid">
        {FIELDS_OF[draft.kind].map((field) => {
          const column = columnFor(field, draft, preview);
          const sample = preview.samples[0]?.[preview.header.indexOf(column)] ?? '';
          return (
            <SelectField
              key={field}
              label={say(`listField.${field}`)}
              hint={sample === '' ? undefined : <bdi>{sample}</bdi>}
              value={column}
              error={missing.includes(field) ? say('import.columnMissing') : undefined}
              onChange={(event) => onChange({ ...draft, columns: { ...draft.columns, [field]: event.target.value } })}
            >
              <option value="" disabled={column !== '' && isNeeded(field, draft)}>
                {say('import.noColumn')}
              </option>
              {preview.header.map((name, index) => (
                <option key={`${index}-${name}`} value={name}>
                  {name}
                </option>
              ))}
            </SelectField>
          );
        })}
      </div>
    </fieldset>
  );
}
