import { useQuery } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { pacedSettingsOf, type TrialFloor, type TrialOutcome, type TrialResult } from '../../../server/contract/pacing-trial.ts';
import type { CampaignSettings } from '../../../server/contract/campaigns.ts';
import { problemOf } from '../connection/http.ts';
import { problemWords } from '../connection/problem-words.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import type { TextKey } from '../i18n/texts.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';
import { toast } from '../ui/toasts.tsx';
import { askForTrial, cancelTrial, trialQuery } from './api.ts';

/** The shares that are compared. */
const FIGURES = [
  ['trial.utilisation', (outcome) => outcome.utilisation],
  ['trial.abandonment', (outcome) => outcome.abandonment],
  ['trial.worstDay', (outcome) => outcome.worstDay],
  ['trial.worstHour', (outcome) => outcome.worstHour],
  ['trial.cap', (outcome) => outcome.cap],
] as const satisfies readonly (readonly [TextKey, (outcome: TrialOutcome) => number])[];

/** What is known of the form's settings: nothing yet, or whether they kept their cap when they were tried. */
export type TrialVerdict = 'untried' | 'broken' | 'kept';

/**
 * Tries the settings of the form on a simulated floor, beside those that are saved (or one line for each agent, where `campaignId` is
 * null: nothing is saved yet); `settings` is null while the form has faults. `onVerdict` hears what is known of them, since saving what
 * broke the cap or was not tried needs a reason.
 */
export function PacingTrial({
  campaignId,
  settings,
  disabled,
  onVerdict,
}: {
  campaignId: string | null;
  settings: CampaignSettings | null;
  disabled: boolean;
  onVerdict: (verdict: TrialVerdict) => void;
}): ReactNode {
  const locale = useLocale();
  const { say, format } = locale;
  const [asked, setAsked] = useState<{ trialId: string; of: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const trial = useQuery(trialQuery(campaignId, asked?.trialId ?? null)).data ?? null;
  const under = trial !== null && (trial.state === 'queued' || trial.state === 'running');
  const present = settings === null ? null : JSON.stringify(pacedSettingsOf(settings));
  const verdict = asked?.of === present && trial?.result ? (trial.result.breaksCap ? 'broken' : 'kept') : 'untried';
  useEffect(() => onVerdict(verdict), [verdict, onVerdict]);

  async function attempt(work: () => Promise<void>): Promise<void> {
    setBusy(true);
    try {
      await work();
    } catch (error) {
      toast('failed', problemWords(locale, problemOf(error)));
    } finally {
      setBusy(false);
    }
  }
  function begin(): void {
    if (settings === null || present === null) return;
    void attempt(async () => setAsked({ trialId: (await askForTrial(campaignId, settings)).id, of: present }));
  }

  return (
    <div className="stack trial" data-testid="pacing-trial" data-state={trial?.state ?? 'none'}>
      <div className="row tight">
        {under && asked ? (
          <>
            <progress aria-label={say('trial.running')} value={trial.progress} max={1} />
            <span className="small" role="status">
              <Say text="trial.progress" values={{ share: format.percent(trial.progress) }} />
            </span>
            <Button busy={busy} onClick={() => void attempt(() => cancelTrial(campaignId, asked.trialId))}>
              {say('trial.cancel')}
            </Button>
          </>
        ) : (
          <>
            <Button icon="play" busy={busy} disabled={disabled || settings === null} onClick={begin}>
              {say('trial.begin')}
            </Button>
            <span className="faint small grow">
              {say(settings === null ? 'trial.faulty' : campaignId === null ? 'trial.leadNew' : 'trial.lead')}
            </span>
          </>
        )}
      </div>
      {trial?.state === 'failed' ? <Notice level="danger" text="trial.failed" /> : null}
      {trial?.state === 'cancelled' ? <p className="faint small">{say('trial.cancelled')}</p> : null}
      {trial?.state === 'done' && trial.result ? (
        <>
          {asked?.of === present ? null : <Notice level="warn" text="trial.outdated" />}
          <Result result={trial.result} presentAs={campaignId === null ? 'trial.eachTheirOwn' : 'trial.present'} />
        </>
      ) : null}
    </div>
  );
}

function Notice({ level, text }: { level: 'warn' | 'danger'; text: TextKey }): ReactNode {
  const { say } = useLocale();
  return (
    <div className={`notice ${level}`} role="status">
      <Icon name="alert" />
      <p className="notice-text">{say(text)}</p>
    </div>
  );
}

function Result({ result, presentAs }: { result: TrialResult; presentAs: TextKey }): ReactNode {
  const { say, format } = useLocale();
  const { floor, present, proposed, breaksCap } = result;
  return (
    <div className="stack tight" data-testid="trial-result" data-breaks-cap={breaksCap}>
      <p className="small">
        <FloorWords floor={floor} />
      </p>
      <div className="table-box">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{say('trial.figure')}</th>
              <th scope="col">{say(presentAs)}</th>
              <th scope="col">{say('trial.proposed')}</th>
            </tr>
          </thead>
          <tbody>
            {FIGURES.map(([text, of]) => (
              <tr key={text}>
                <th scope="row">{say(text)}</th>
                <td className="figure">{format.percent(of(present))}</td>
                <td className="figure">{format.percent(of(proposed))}</td>
              </tr>
            ))}
            <tr>
              <th scope="row">{say('trial.dials')}</th>
              <td className="figure">{format.number(Math.round(10 * present.dialsPerConversation) / 10)}</td>
              <td className="figure">{format.number(Math.round(10 * proposed.dialsPerConversation) / 10)}</td>
            </tr>
          </tbody>
        </table>
      </div>
      {breaksCap ? <Notice level="warn" text="trial.breaksCap" /> : null}
    </div>
  );
}

function FloorWords({ floor }: { floor: TrialFloor }): ReactNode {
  const { format } = useLocale();
  const n = format.number;
  const values = {
    agents: n(floor.agents),
    calls: n(floor.calls),
    share: format.percent(floor.answerProbability),
    days: n(floor.days),
    hours: n(floor.hours),
    name: floor.name ?? '',
  };
  return <Say text={floor.kind === 'own' ? 'trial.ownFloor' : 'trial.publicFloor'} values={values} />;
}
