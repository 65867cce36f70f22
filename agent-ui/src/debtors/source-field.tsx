import { useState, type ReactNode } from 'react';
import { CONSENT_SOURCES } from '../../../server/contract/by-hand.ts';
import { useLocale } from '../i18n/locale.tsx';
import { SelectField } from '../ui/field.tsx';

type Source = (typeof CONSENT_SOURCES)[number];

/** How a debtor's wish came to us, while it is written down. */
export function useSource(): [Source, (source: Source) => void] {
  return useState<Source>('call');
}

/** Asks how a debtor's wish came to us. */
export function SourceField({ source, onChange }: { source: Source; onChange: (source: Source) => void }): ReactNode {
  const { say } = useLocale();
  return (
    <SelectField
      label={say('consents.source')}
      value={source}
      onChange={(event) => onChange(CONSENT_SOURCES.find((each) => each === event.target.value) ?? source)}
    >
      {CONSENT_SOURCES.map((each) => (
        <option key={each} value={each}>
          {say(`consentSource.${each}`)}
        </option>
      ))}
    </SelectField>
  );
}
