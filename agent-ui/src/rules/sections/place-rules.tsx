import { useQuery } from '@tanstack/react-query';
import { useId, useMemo, type ReactNode } from 'react';
import { useLocale } from '../../i18n/locale.tsx';
import { FieldError, SelectField, TextField } from '../../ui/field.tsx';
import { ItemsField } from '../../ui/items-field.tsx';
import { packsQuery } from '../api.ts';
import type { LawDraft } from '../pack-draft.ts';
import { RuleSection, type SectionProps } from './rule-frame.tsx';

/** Whom a pack binds: its name, its places, what it builds on, and by whose clock its days begin. */
export function PlaceRules({
  packId,
  law,
  draft,
  change,
  errorAt,
  disabled,
}: SectionProps & { packId: string; law: LawDraft }): ReactNode {
  const { say, format } = useLocale();
  const packs = useQuery(packsQuery);
  const zones = useId();
  const allZones = useMemo(() => Intl.supportedValuesOf('timeZone'), []);
  const changeLaw = (part: Partial<LawDraft>): void => change({ law: { ...law, ...part } });
  const bases = (packs.data ?? []).map((pack) => pack.id).filter((id) => id !== packId);
  const nowhere = law.countries.length === 0 && law.regions.length === 0;
  return (
    <RuleSection title={say('placeRule.title')} testId="pack-places">
      <div className="form-grid">
        <TextField
          label={say('placeRule.name')}
          value={law.name}
          maxLength={120}
          dir="auto"
          disabled={disabled}
          error={errorAt('name')}
          onChange={(event) => changeLaw({ name: event.target.value })}
        />
        <TextField
          label={say('placeRule.applies')}
          value={law.applies}
          maxLength={300}
          dir="auto"
          disabled={disabled}
          error={errorAt('applies')}
          onChange={(event) => changeLaw({ applies: event.target.value })}
        />
        <SelectField
          label={say('placeRule.base')}
          hint={say('placeRule.baseHint')}
          value={law.base ?? ''}
          disabled={disabled}
          error={errorAt('base')}
          onChange={({ target: { value } }) => changeLaw({ base: value === '' ? null : value })}
        >
          <option value="">{say('placeRule.noBase')}</option>
          {[...new Set([...(law.base === null ? [] : [law.base]), ...bases])].map((id) => (
            <option key={id} value={id}>
              {id}
            </option>
          ))}
        </SelectField>
        <TextField
          label={say('placeRule.zone')}
          hint={say('placeRule.zoneHint')}
          value={draft.zone}
          maxLength={80}
          dir="ltr"
          list={zones}
          disabled={disabled}
          error={errorAt('zone')}
          onChange={(event) => change({ zone: event.target.value.trim() })}
        />
        <datalist id={zones}>
          {allZones.map((zone) => (
            <option key={zone} value={zone}>
              {zone}
            </option>
          ))}
        </datalist>
      </div>
      <ItemsField
        label={say('placeRule.country')}
        hint={say('placeRule.countryHint')}
        items={law.countries}
        words={(code) => format.country(code)}
        read={(text) => (/^[a-z]{2}$/i.test(text.trim()) ? text.trim().toUpperCase() : '')}
        addName={say('placeRule.addCountry')}
        removeName={(place) => say('rulePart.removeThis', { rule: place })}
        onChange={(countries) => changeLaw({ countries })}
        disabled={disabled}
        errorAt={(index) => errorAt(`countries.${index}`)}
        dir="ltr"
      />
      <ItemsField
        label={say('placeRule.region')}
        hint={say('placeRule.regionHint')}
        items={law.regions}
        words={(code) => code}
        read={(text) => (/^[a-z]{2}-[a-z0-9]{1,3}$/i.test(text.trim()) ? text.trim().toUpperCase() : '')}
        addName={say('placeRule.addRegion')}
        removeName={(place) => say('rulePart.removeThis', { rule: place })}
        onChange={(regions) => changeLaw({ regions })}
        disabled={disabled}
        errorAt={(index) => errorAt(`regions.${index}`)}
        dir="ltr"
      />
      {errorAt('countries') === null ? null : <FieldError>{errorAt('countries') ?? ''}</FieldError>}
      {nowhere ? <p className="faint small">{say('placeRule.nowhere')}</p> : null}
    </RuleSection>
  );
}
