import { useQuery } from '@tanstack/react-query';
import { useId, useState, type ReactNode } from 'react';
import type { CampaignMessages as Messages, MessageVersion } from '../../../server/contract/messages.ts';
import type { Language } from '../../../server/contract/people.ts';
import { downloadAddress } from '../connection/http.ts';
import { useChange } from '../connection/use-change.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { FieldError } from '../ui/field.tsx';
import { Icon } from '../ui/icons.tsx';
import { toast } from '../ui/toasts.tsx';
import { chooseMessage, messagesQuery, uploadMessage } from './api.ts';

/** What callers hear whom nobody could take in time, in each language: listened to, replaced, and taken back. */
export function CampaignMessages({ campaignId, mayChange }: { campaignId: string; mayChange: boolean }): ReactNode {
  const { say } = useLocale();
  const { data } = useQuery(messagesQuery(campaignId));
  return (
    <section className="card panel" aria-labelledby="messages-title" data-testid="messages">
      <div>
        <h2 id="messages-title">{say('message.title')}</h2>
        <p className="faint small">{say('message.lead')}</p>
      </div>
      {data?.optOutKey ? (
        <p className="small">
          <Say text="message.key" values={{ key: data.optOutKey }} />
        </p>
      ) : null}
      <div className="form-grid">
        {data?.languages.map(({ language, versions }) => (
          <OneLanguage
            key={language}
            campaignId={campaignId}
            language={language}
            versions={versions}
            keyTold={data.optOutKey !== null}
            mayChange={mayChange}
          />
        ))}
      </div>
    </section>
  );
}

interface LanguageProps {
  campaignId: string;
  language: Language;
  versions: Messages['languages'][number]['versions'];
  keyTold: boolean;
  mayChange: boolean;
}

function OneLanguage({ campaignId, language, versions, keyTold, mayChange }: LanguageProps): ReactNode {
  const { say, format } = useLocale();
  const change = useChange();
  const name = format.language(language);
  const inForce = versions.find((version) => version.inForce);
  const older = versions.filter((version) => !version.inForce);

  function choose(messageId: string | null): Promise<void> {
    return change.run(async () => {
      await chooseMessage(campaignId, language, messageId);
      toast('done', say('message.chosen'));
    });
  }

  return (
    <section className="message stack tight" aria-label={name} data-testid={`message-${language}`}>
      <h3>
        <bdi>{name}</bdi>
      </h3>
      {inForce ? <Line version={inForce} /> : <p className="small">{say('message.default')}</p>}
      {inForce?.missing ? (
        <p className="notice warn small" role="status">
          <Icon name="alert" />
          <span className="notice-text">{say('message.missing')}</span>
        </p>
      ) : null}
      <Player
        label={say('message.listen', { language: name })}
        source={
          inForce && !inForce.missing
            ? downloadAddress(`/campaigns/${campaignId}/messages/sounds/${inForce.id}`)
            : downloadAddress(`/messages/${language}/default`)
        }
      />
      {keyTold ? (
        <Player
          label={say('message.listenKey', { language: name })}
          source={downloadAddress(`/messages/${language}/default?key=yes`)}
        />
      ) : null}
      {mayChange ? <Upload campaignId={campaignId} language={language} /> : null}
      {mayChange && inForce ? (
        <div className="row">
          <Button look="bare" busy={change.busy} onClick={() => void choose(null)}>
            {say('message.useDefault')}
          </Button>
        </div>
      ) : null}
      {older.length > 0 ? (
        <details>
          <summary>{say('message.older')}</summary>
          <ul className="plain-list stack tight">
            {older.map((version) => (
              <li key={version.id} className="stack tight">
                <Line version={version} />
                {version.missing ? (
                  <p className="small faint">{say('message.gone')}</p>
                ) : (
                  <>
                    <Player
                      label={say('message.listenVersion', { language: name, version: format.number(version.version) })}
                      source={downloadAddress(`/campaigns/${campaignId}/messages/sounds/${version.id}`)}
                    />
                    {mayChange ? (
                      <div className="row">
                        <Button look="bare" busy={change.busy} onClick={() => void choose(version.id)}>
                          {say('message.useAgain')}
                        </Button>
                      </div>
                    ) : null}
                  </>
                )}
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </section>
  );
}

function Line({ version }: { version: MessageVersion }): ReactNode {
  const { format } = useLocale();
  return (
    <p className="small">
      <Say
        text="message.version"
        values={{
          version: format.number(version.version),
          name: version.fileName,
          length: format.timer(version.durationMs),
          by: version.by,
          at: format.dateTime(version.uploadedAt),
        }}
      />
    </p>
  );
}

/** A file is heard before it is saved; what the server finds wrong with it stands beside it. */
function Upload({ campaignId, language }: { campaignId: string; language: Language }): ReactNode {
  const { say, format } = useLocale();
  const id = useId();
  const [chosen, setChosen] = useState<{ file: File; source: string } | null>(null);
  const change = useChange((problem) => problem.field === 'file');
  const fault = change.errorAt('file');

  function take(file: File | null): void {
    change.clear();
    if (chosen) URL.revokeObjectURL(chosen.source);
    setChosen(file && { file, source: URL.createObjectURL(file) });
  }

  function save(file: File): Promise<void> {
    return change.run(async () => {
      await uploadMessage(campaignId, language, file);
      take(null);
      toast('done', say('message.saved'));
    });
  }

  return (
    <div className="field">
      <div className="row">
        <label className="button plain" htmlFor={id}>
          <Icon name="upload" />
          {say(chosen ? 'message.chooseOther' : 'message.choose')}
        </label>
        <input
          id={id}
          className="hidden-text"
          type="file"
          accept=".wav,audio/wav,audio/x-wav"
          aria-invalid={fault !== null}
          onChange={(event) => {
            take(event.target.files?.[0] ?? null);
            // The same file again is a choice too.
            event.target.value = '';
          }}
        />
      </div>
      <div className="field-hint">{say('message.hint')}</div>
      {fault ? <FieldError>{fault}</FieldError> : null}
      {chosen ? (
        <div className="stack tight" role="group" aria-label={say('message.before')}>
          <p className="small">
            {say('message.before')} <bdi>{chosen.file.name}</bdi>
          </p>
          <Player label={say('message.listen', { language: format.language(language) })} source={chosen.source} />
          <div className="row">
            <Button look="primary" busy={change.busy} data-testid="message-save" onClick={() => void save(chosen.file)}>
              {say('message.save')}
            </Button>
            <Button onClick={() => take(null)}>{say('common.cancel')}</Button>
          </div>
        </div>
      ) : null}
    </div>
  );
}

function Player({ label, source }: { label: string; source: string }): ReactNode {
  // A recorded voice with nothing to see: its words are the recording itself.
  // oxlint-disable-next-line jsx-a11y/media-has-caption
  return <audio className="player" controls preload="none" aria-label={label} src={source} />;
}
