import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import type { CampaignRow } from '../../../server/contract/campaigns.ts';
import { FACTORS, QUEUE_ORDERS, type Factor, type ScorecardState } from '../../../server/contract/scoring.ts';
import { useChange } from '../connection/use-change.ts';
import { sessionNow } from '../connection/session.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { Icon } from '../ui/icons.tsx';
import { NumberField } from '../ui/number-field.tsx';
import { toast } from '../ui/toasts.tsx';
import { campaignQuery, saveScorecard, scorecardQuery } from './api.ts';
import { AskFailed } from './ask-failed.tsx';
import { draftOfScorecard, sameScorecard, scorecardBody, scorecardOf, type ScorecardDraft } from './scorecard-draft.ts';
import { ScoreEffect } from './score-effect.tsx';
import { RescoreBar, ScorecardVersions } from './scorecard-versions.tsx';

/** What a campaign's debtors are ordered by: weights, what a change would do, and every version. */
export function ScorecardPage(): ReactNode {
  const { campaignId } = useParams({ from: '/admin/campaigns/$campaignId/scorecard' });
  const { say } = useLocale();
  const campaign = useQuery(campaignQuery(campaignId));
  const state = useQuery(scorecardQuery(campaignId));
  if (campaign.isError) return <AskFailed query={campaign} />;
  if (state.isError) return <AskFailed query={state} />;
  if (!campaign.data || !state.data) return <p className="faint">{say('common.loading')}</p>;
  return <Editor key={campaignId} campaign={campaign.data} state={state.data} />;
}

function Editor({ campaign, state }: { campaign: CampaignRow; state: ScorecardState }): ReactNode {
  const { say, format } = useLocale();
  const [basis, setBasis] = useState(state.current);
  const [draft, setDraft] = useState(() => draftOfScorecard(state.current.scorecard));
  const [note, setNote] = useState('');
  const [asked, setAsked] = useState(false);
  const saving = useChange();
  const mayChange = sessionNow()?.role === 'admin' && campaign.state !== 'ended';
  const scorecard = scorecardOf(draft);
  const changed = scorecard === null || !sameScorecard(scorecard, basis.scorecard);
  const outdated = state.current.version !== basis.version;
  const nothingWeighs = scorecard !== null && FACTORS.every((factor) => scorecard.weights[factor] === 0);

  function show(version: ScorecardState['current']): void {
    setBasis(state.current);
    setDraft(draftOfScorecard(version.scorecard));
  }

  async function save(): Promise<void> {
    setAsked(true);
    const body = scorecardBody(scorecard, note, basis.version);
    if (body === null) return;
    await saving.run(async () => {
      const { current } = await saveScorecard(campaign.id, body);
      setBasis(current);
      setDraft(draftOfScorecard(current.scorecard));
      setNote('');
      setAsked(false);
      toast('done', say('scorecard.saved', { version: format.number(current.version) }));
    });
  }

  return (
    <form
      noValidate
      className="stack"
      data-testid="scorecard"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <header className="page-head">
        <Link
          to="/admin/campaigns/$campaignId"
          params={{ campaignId: campaign.id }}
          className="button bare square"
          aria-label={say('scorecard.back')}
        >
          <Icon name="back" />
        </Link>
        <h1 className="grow">
          <Say text="scorecard.title" values={{ campaign: campaign.name }} />
        </h1>
      </header>
      <p className="faint">{format.digits(say('scorecard.lead'))}</p>
      <RescoreBar rescore={state.rescore} />
      {outdated ? (
        <div className="notice warn" role="status">
          <Icon name="alert" />
          <p className="notice-text">{say('problem.stale_version')}</p>
          <Button onClick={() => show(state.current)}>{say('campaign.takeNew')}</Button>
        </div>
      ) : null}
      <Order draft={draft} disabled={!mayChange} onChange={setDraft} />
      <section className="card panel" aria-labelledby="weights-title">
        <div>
          <h2 id="weights-title">{say('scorecard.weights')}</h2>
          <p className="faint small">{format.digits(say('scorecard.weightsLead'))}</p>
        </div>
        <div className="form-grid">
          {FACTORS.map((factor) => (
            <Weight key={factor} factor={factor} draft={draft} disabled={!mayChange} onChange={setDraft} />
          ))}
        </div>
        {nothingWeighs ? (
          <div className="notice warn" role="status">
            <Icon name="alert" />
            <p className="notice-text">{format.digits(say('scorecard.nothingWeighs'))}</p>
          </div>
        ) : null}
      </section>
      <DebtTypes draft={draft} known={state.debtTypes} disabled={!mayChange} onChange={setDraft} />
      {mayChange ? <ScoreEffect campaignId={campaign.id} scorecard={scorecard} /> : null}
      <ScorecardVersions state={state} onTake={mayChange ? show : null} />
      {mayChange ? (
        <div className="save-bar card score-save">
          <TextField
            label={say('scorecard.note')}
            hint={say('scorecard.noteHint')}
            value={note}
            maxLength={500}
            dir="auto"
            error={asked && note.trim() === '' ? say('invalid.required') : null}
            onChange={(event) => setNote(event.target.value)}
          />
          {changed ? (
            <Button look="plain" onClick={() => setDraft(draftOfScorecard(basis.scorecard))}>
              {say('campaign.discard')}
            </Button>
          ) : null}
          <Button type="submit" look="primary" busy={saving.busy} disabled={!changed || scorecard === null}>
            {say('scorecard.save')}
          </Button>
        </div>
      ) : null}
    </form>
  );
}

interface PartProps {
  draft: ScorecardDraft;
  disabled: boolean;
  onChange: (draft: ScorecardDraft) => void;
}

function Order({ draft, disabled, onChange }: PartProps): ReactNode {
  const { say } = useLocale();
  return (
    <section className="card panel">
      <fieldset className="choices" disabled={disabled}>
        <legend className="field-label">{say('scorecard.order')}</legend>
        {QUEUE_ORDERS.map((order) => (
          <label key={order} className="choice">
            <input type="radio" name="order" checked={draft.order === order} onChange={() => onChange({ ...draft, order })} />
            <span>
              {say(`scorecard.order.${order}`)}
              <span className="field-hint choice-hint">{say(`scorecard.order.${order}Hint`)}</span>
            </span>
          </label>
        ))}
      </fieldset>
    </section>
  );
}

function Weight({ factor, draft, disabled, onChange }: PartProps & { factor: Factor }): ReactNode {
  const { say } = useLocale();
  const value = draft.weights[factor];
  return (
    <NumberField
      label={say(`score.${factor}`)}
      value={value}
      disabled={disabled}
      error={useShareFault(value, false)}
      onChange={(next) => onChange({ ...draft, weights: { ...draft.weights, [factor]: next } })}
    />
  );
}

function DebtTypes({ draft, known, disabled, onChange }: PartProps & { known: readonly string[] }): ReactNode {
  const { say, format } = useLocale();
  const types = [...new Set([...known, ...Object.keys(draft.debtTypes)])];
  return (
    <section className="card panel" aria-labelledby="types-title">
      <div>
        <h2 id="types-title">{say('scorecard.debtTypes')}</h2>
        <p className="faint small">
          {types.length === 0 ? say('scorecard.debtTypesNone') : format.digits(say('scorecard.debtTypesLead'))}
        </p>
      </div>
      <div className="form-grid">
        {types.map((type) => (
          <DebtType key={type} type={type} draft={draft} disabled={disabled} onChange={onChange} />
        ))}
      </div>
    </section>
  );
}

function DebtType({ type, draft, disabled, onChange }: PartProps & { type: string }): ReactNode {
  const value = Object.hasOwn(draft.debtTypes, type) ? (draft.debtTypes[type] ?? null) : null;
  return (
    <NumberField
      label={type}
      value={value}
      disabled={disabled}
      error={useShareFault(value, true)}
      onChange={(next) => onChange({ ...draft, debtTypes: { ...draft.debtTypes, [type]: next } })}
    />
  );
}

/** What is wrong with a number from 0 to 100, in words. */
function useShareFault(value: number | null, optional: boolean): string | null {
  const { say, format } = useLocale();
  if (value === null) return optional ? null : say('invalid.number');
  if (value < 0) return say('invalid.atLeast', { least: format.number(0) });
  return value > 100 ? say('invalid.atMost', { most: format.number(100) }) : null;
}
