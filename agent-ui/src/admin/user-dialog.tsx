import { useState, type ReactNode } from 'react';
import type { CampaignRow } from '../../../server/contract/campaigns.ts';
import {
  changeUserBody,
  createUserBody,
  LANGUAGES,
  ROLES,
  STATION_KINDS,
  type Language,
  type Role,
  type StationKind,
  type UserRow,
} from '../../../server/contract/people.ts';
import { normaliseDigits } from '../../../server/contract/digits.ts';
import { problemOf } from '../connection/http.ts';
import { problemWords } from '../connection/problem-words.ts';
import { sessionNow } from '../connection/session.ts';
import { LANGUAGE_NAMES } from '../i18n/languages.ts';
import { useLocale } from '../i18n/locale.tsx';
import type { TextKey } from '../i18n/texts.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { FieldError, PasswordField, SelectField, TextField } from '../ui/field.tsx';
import { toast } from '../ui/toasts.tsx';
import { changeUser, createUser } from './api.ts';
import { SkillsField } from './skills-field.tsx';

interface Draft {
  login: string;
  displayName: string;
  password: string;
  role: Role;
  language: Language;
  stationKind: StationKind;
  languages: readonly string[];
  skills: readonly string[];
  campaignIds: readonly string[];
}

/** Adds a person or changes one. An empty password of an existing person stays as it is. */
export function UserDialog({
  user,
  campaigns,
  onClose,
}: {
  user: UserRow | null;
  campaigns: readonly CampaignRow[];
  onClose: () => void;
}): ReactNode {
  const locale = useLocale();
  const { say } = locale;
  const [draft, setDraft] = useState<Draft>(() => ({
    login: user?.login ?? '',
    displayName: user?.displayName ?? '',
    password: '',
    role: user?.role ?? 'agent',
    language: user?.language ?? locale.language,
    stationKind: user?.stationKind ?? 'browser',
    languages: user?.languages ?? [],
    skills: user?.skills ?? [],
    campaignIds: user?.campaignIds ?? [],
  }));
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({});
  const [busy, setBusy] = useState(false);
  const demo = user?.demo ?? sessionNow()?.demo ?? false;
  const servable = campaigns.filter((campaign) => campaign.state !== 'ended' && campaign.demo === demo);

  function set(part: Partial<Draft>): void {
    setDraft((before) => ({ ...before, ...part }));
  }

  async function save(): Promise<void> {
    const campaignIds = draft.role === 'agent' ? [...draft.campaignIds] : [];
    const { login, displayName, password, role, language, stationKind } = draft;
    const [languages, skills] = [[...draft.languages], [...draft.skills]];
    const common = { displayName, role, language, stationKind, languages, skills, campaignIds };
    const read =
      user === null
        ? createUserBody.safeParse({ ...common, login, password })
        : changeUserBody.safeParse({ ...common, ...(password === '' ? {} : { password }) });
    if (!read.success) {
      setFaults(
        Object.fromEntries(
          read.error.issues.map((issue) => [
            String(issue.path[0]),
            say(FAULT_TEXTS[String(issue.path[0])] ?? 'invalid.required'),
          ]),
        ),
      );
      return;
    }
    setFaults({});
    setBusy(true);
    try {
      if (user === null) await createUser({ ...common, login: login.trim().toLowerCase(), password });
      else await changeUser(user.id, read.data);
      toast('done', say(user === null ? 'user.created' : 'user.changed', { name: displayName }));
      onClose();
    } catch (error) {
      const problem = problemOf(error);
      setFaults({ [problem.field?.split('.')[0] ?? 'form']: problemWords(locale, problem) });
    } finally {
      setBusy(false);
    }
  }

  const elsewhere = Object.entries(faults).filter(
    ([field]) => !['login', 'displayName', 'password', 'role', 'skills', 'campaignIds'].includes(field),
  );
  return (
    <Dialog title={user === null ? say('user.new') : say('user.edit', { name: user.displayName })} onClose={onClose}>
      <form
        className="stack"
        noValidate
        data-testid="user-form"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {user === null ? (
          <TextField
            label={say('signIn.login')}
            hint={say('user.loginHint')}
            dir="ltr"
            autoComplete="off"
            value={draft.login}
            error={faults['login']}
            onChange={(event) => set({ login: normaliseDigits(event.target.value) })}
          />
        ) : null}
        <TextField
          label={say('user.displayName')}
          dir="auto"
          autoComplete="off"
          maxLength={80}
          value={draft.displayName}
          error={faults['displayName']}
          onChange={(event) => set({ displayName: event.target.value })}
        />
        <PasswordField
          label={say('signIn.password')}
          hint={say(user === null ? 'user.passwordHint' : 'user.passwordStays')}
          dir="ltr"
          autoComplete="new-password"
          value={draft.password}
          error={faults['password']}
          onChange={(event) => set({ password: event.target.value })}
        />
        <div className="form-grid">
          <SelectField
            label={say('user.role')}
            value={draft.role}
            error={faults['role']}
            onChange={(event) => set({ role: event.target.value as Role })}
          >
            {ROLES.map((role) => (
              <option key={role} value={role}>
                {say(`role.${role}`)}
              </option>
            ))}
          </SelectField>
          <SelectField
            label={say('language.label')}
            value={draft.language}
            onChange={(event) => set({ language: event.target.value as Language })}
          >
            {LANGUAGES.map((language) => (
              <option key={language} value={language} lang={language}>
                {LANGUAGE_NAMES[language]}
              </option>
            ))}
          </SelectField>
          {draft.role === 'agent' ? (
            <SelectField
              label={say('user.station')}
              value={draft.stationKind}
              onChange={(event) => set({ stationKind: event.target.value as StationKind })}
            >
              {STATION_KINDS.map((kind) => (
                <option key={kind} value={kind}>
                  {say(`station.${kind}`)}
                </option>
              ))}
            </SelectField>
          ) : null}
        </div>
        {draft.role === 'agent' ? (
          <>
            <fieldset className="stack tight bare-fieldset">
              <legend className="field-label">{say('user.languages')}</legend>
              <div className="row tight">
                {[...new Set([...LANGUAGES, ...(user?.languages ?? [])])].map((spoken) => (
                  <label key={spoken} className="choice">
                    <input
                      type="checkbox"
                      checked={draft.languages.includes(spoken)}
                      onChange={(event) =>
                        set({
                          languages: event.target.checked
                            ? [...draft.languages, spoken]
                            : draft.languages.filter((one) => one !== spoken),
                        })
                      }
                    />
                    <span>{locale.format.language(spoken)}</span>
                  </label>
                ))}
              </div>
              <p className="field-hint">{say('user.languagesHint')}</p>
            </fieldset>
            <SkillsField
              label={say('user.skills')}
              hint={say('user.skillsHint')}
              skills={draft.skills}
              error={faults['skills']}
              onChange={(skills) => set({ skills })}
            />
          </>
        ) : null}
        {draft.role === 'agent' ? (
          <fieldset className="stack tight bare-fieldset">
            <legend className="field-label">{say('user.campaigns')}</legend>
            {servable.length === 0 ? <p className="faint small">{say('campaign.none')}</p> : null}
            {servable.map((campaign) => (
              <label key={campaign.id} className="choice">
                <input
                  type="checkbox"
                  checked={draft.campaignIds.includes(campaign.id)}
                  onChange={(event) =>
                    set({
                      campaignIds: event.target.checked
                        ? [...draft.campaignIds, campaign.id]
                        : draft.campaignIds.filter((id) => id !== campaign.id),
                    })
                  }
                />
                <bdi>{campaign.name}</bdi>
              </label>
            ))}
            {faults['campaignIds'] ? <FieldError>{faults['campaignIds']}</FieldError> : null}
          </fieldset>
        ) : null}
        {elsewhere.map(([field, words]) => (
          <FieldError key={field}>{words}</FieldError>
        ))}
        <div className="row">
          <Button type="submit" look="primary" busy={busy}>
            {say('common.save')}
          </Button>
          <Button look="plain" onClick={onClose}>
            {say('common.cancel')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

const FAULT_TEXTS: Readonly<Record<string, TextKey>> = {
  login: 'invalid.login',
  displayName: 'invalid.required',
  password: 'invalid.password',
  skills: 'problem.skills_out_of_range',
};
