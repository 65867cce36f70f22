import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useRef, useState, type ReactNode } from 'react';
import type { CampaignRow } from '../../../server/contract/campaigns.ts';
import { asksForTrial } from '../../../server/contract/pacing-trial.ts';
import type { TrunkRow } from '../../../server/contract/trunks.ts';
import { problemOf } from '../connection/http.ts';
import { problemWords } from '../connection/problem-words.ts';
import { sessionNow } from '../connection/session.ts';
import { useLocale } from '../i18n/locale.tsx';
import { Standing } from '../supervisor/standing.tsx';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { Icon } from '../ui/icons.tsx';
import { toast } from '../ui/toasts.tsx';
import { campaignQuery, changeCampaign, createCampaign, moveCampaign, standingQuery, trunksQuery } from './api.ts';
import { bodyOf, draftOf, faultsOf, type CampaignDraft, type FieldFault } from './campaign-draft.ts';
import { CampaignForm } from './campaign-form.tsx';
import { CampaignMessages } from './campaign-messages.tsx';
import { CampaignAgents } from './campaign-agents.tsx';
import { CampaignMoves, CampaignStateBadge } from './campaign-moves.tsx';
import { AskFailed } from './ask-failed.tsx';
import { PacingTrial, type TrialVerdict } from './pacing-trial.tsx';

/** A new campaign, with sensible first values. */
export function NewCampaignPage(): ReactNode {
  const trunks = useQuery(trunksQuery);
  const { say } = useLocale();
  if (trunks.isError) return <AskFailed query={trunks} />;
  if (!trunks.data) return <p className="faint">{say('common.loading')}</p>;
  return <Editor campaign={null} trunks={trunks.data} />;
}

/** One campaign: its settings, who serves it, and whether it runs. */
export function CampaignPage(): ReactNode {
  const { campaignId } = useParams({ from: '/admin/campaigns/$campaignId' });
  const campaign = useQuery(campaignQuery(campaignId));
  const trunks = useQuery(trunksQuery);
  const { say } = useLocale();
  if (campaign.isError) return <AskFailed query={campaign} />;
  if (trunks.isError) return <AskFailed query={trunks} />;
  if (!campaign.data || !trunks.data) return <p className="faint">{say('common.loading')}</p>;
  return <Editor key={campaignId} campaign={campaign.data} trunks={trunks.data} />;
}

function Editor({ campaign, trunks }: { campaign: CampaignRow | null; trunks: readonly TrunkRow[] }): ReactNode {
  const locale = useLocale();
  const { say, format } = locale;
  const navigate = useNavigate();
  const form = useRef<HTMLFormElement>(null);
  const [draft, setDraft] = useState<CampaignDraft>(() => firstDraft(campaign, trunks));
  /** What the server held when the draft was taken from it. */
  const [basis, setBasis] = useState(campaign);
  const [faults, setFaults] = useState<readonly FieldFault[]>([]);
  const [busy, setBusy] = useState(false);
  /** Settings that broke the abandonment cap when they were tried, or never were, are saved with a reason. */
  const [verdict, setVerdict] = useState<TrialVerdict>('untried');
  const [reason, setReason] = useState('');
  const read = bodyOf(draft);
  const mayChange = sessionNow()?.role === 'admin' && campaign?.state !== 'ended';
  const changed = JSON.stringify(draft) !== JSON.stringify(firstDraft(basis, trunks));
  const outdated = campaign !== null && basis !== null && campaign.version !== basis.version;

  function words(fault: FieldFault): string {
    if (fault.problem) return problemWords(locale, fault.problem);
    const values = Object.fromEntries(Object.entries(fault.values ?? {}).map(([name, value]) => [name, format.number(value)]));
    return say(fault.text, values);
  }
  function errorAt(field: string): string | null {
    const fault = faults.find((one) => one.field === field);
    return fault ? words(fault) : null;
  }
  function show(found: readonly FieldFault[]): void {
    setFaults(found);
    // After the faults are in the page, the first of them is where one has to go.
    requestAnimationFrame(() => {
      const first = form.current?.querySelector<HTMLElement>('[aria-invalid="true"], .field-error');
      first?.scrollIntoView({ block: 'center' });
      first?.focus();
    });
  }
  function refused(error: unknown): void {
    const problem = problemOf(error);
    show(faultsOf(problem));
    toast('failed', problemWords(locale, problem));
  }

  async function save(): Promise<void> {
    if ('faults' in read) {
      show(read.faults);
      return;
    }
    setBusy(true);
    try {
      setFaults([]);
      if (basis === null) {
        const made = await createCampaign({ ...read.body, ...(reason.trim() && { reason }) });
        toast('done', say('campaign.created'));
        await navigate({ to: '/admin/campaigns/$campaignId', params: { campaignId: made.id } });
        return;
      }
      const row = await changeCampaign(basis.id, { ...read.body, version: basis.version, ...(reason.trim() && { reason }) });
      setReason('');
      setBasis(row);
      setDraft(draftOf(row.name, row.settings));
      toast('done', say('campaign.saved'));
    } catch (error) {
      refused(error);
    } finally {
      setBusy(false);
    }
  }

  async function move(to: 'start' | 'pause' | 'end'): Promise<void> {
    if (campaign === null) return;
    setBusy(true);
    try {
      setFaults([]);
      const row = await moveCampaign(campaign.id, to);
      setBasis((before) => (before?.version === campaign.version ? row : before));
      toast('done', say(`campaign.done.${to}`));
    } catch (error) {
      refused(error);
    } finally {
      setBusy(false);
    }
  }

  const loose = faults.filter((fault) => !hasPlace(fault.field));
  const tried = 'faults' in read || !asksForTrial(basis?.settings ?? null, read.body.settings) || verdict === 'kept';
  const reasonWanted = !tried || faults.some((fault) => fault.field === 'reason');
  return (
    <form
      ref={form}
      noValidate
      className="stack"
      data-testid="campaign-form"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <header className="page-head">
        <Link to="/admin/campaigns" className="button bare square" aria-label={say('campaign.back')}>
          <Icon name="back" />
        </Link>
        <h1 className="grow">{campaign === null ? say('campaign.new') : <bdi>{campaign.name}</bdi>}</h1>
        {campaign ? <CampaignStateBadge campaign={campaign} /> : null}
        {campaign ? <CampaignMoves campaign={campaign} busy={busy || changed} onMove={(to) => void move(to)} /> : null}
      </header>
      {outdated ? (
        <div className="notice warn" role="status">
          <Icon name="alert" />
          <p className="notice-text">{say('campaign.outdated')}</p>
          <Button
            onClick={() => {
              setBasis(campaign);
              setDraft(draftOf(campaign.name, campaign.settings));
            }}
          >
            {say('campaign.takeNew')}
          </Button>
        </div>
      ) : null}
      {loose.map((fault) => (
        <div key={`${fault.field} ${words(fault)}`} className="notice danger" role="alert">
          <Icon name="alert" />
          <p className="notice-text">{words(fault)}</p>
        </div>
      ))}
      {campaign ? (
        <section className="card panel" aria-labelledby="standing-title">
          <h2 id="standing-title">{say('board.callable')}</h2>
          <CampaignStanding campaign={campaign} />
        </section>
      ) : null}
      <CampaignForm
        draft={draft}
        trunks={trunks}
        errorAt={errorAt}
        disabled={!mayChange}
        onChange={setDraft}
        trial={
          mayChange ? (
            <PacingTrial
              campaignId={basis?.id ?? null}
              settings={'body' in read ? read.body.settings : null}
              disabled={busy}
              onVerdict={setVerdict}
            />
          ) : null
        }
      />
      {campaign ? (
        <section className="card panel" aria-labelledby="order-title">
          <h2 id="order-title">{say('campaign.scorecard')}</h2>
          <p className="faint small">{say('campaign.scorecardLead')}</p>
          <Link to="/admin/campaigns/$campaignId/scorecard" params={{ campaignId: campaign.id }}>
            {say('campaign.toScorecard')}
          </Link>
          <Link to="/admin/campaigns/$campaignId/segment" params={{ campaignId: campaign.id }}>
            {say('campaign.toSegments')}
          </Link>
          <Link to="/admin/stuck" search={{ campaign: campaign.id }}>
            {say('campaign.toStuck')}
          </Link>
          <Link to="/admin/overrides" search={{ campaign: campaign.id }}>
            {say('campaign.toOverrides')}
          </Link>
          {sessionNow()?.role === 'admin' ? (
            <Link to="/admin/history" search={{ subject: 'campaign', subjectId: campaign.id }}>
              {say('nav.history')}
            </Link>
          ) : null}
        </section>
      ) : null}
      {campaign ? <CampaignMessages campaignId={campaign.id} mayChange={mayChange} /> : null}
      {campaign ? <CampaignAgents campaign={campaign} /> : null}
      {mayChange ? (
        <div className="save-bar card">
          {reasonWanted ? (
            <div className="grow">
              <TextField
                label={say(verdict === 'broken' ? 'trial.reason' : 'trial.reasonUntried')}
                hint={say(verdict === 'broken' ? 'trial.breaksCap' : 'trial.untried')}
                value={reason}
                maxLength={500}
                dir="auto"
                error={errorAt('reason')}
                onChange={(event) => setReason(event.target.value)}
              />
            </div>
          ) : (
            <span className="grow faint small">{changed ? say('campaign.unsaved') : ''}</span>
          )}
          {basis !== null && changed ? (
            <Button look="plain" onClick={() => setDraft(firstDraft(basis, trunks))}>
              {say('campaign.discard')}
            </Button>
          ) : null}
          <Button type="submit" look="primary" busy={busy} disabled={basis !== null && !changed}>
            {say(basis === null ? 'campaign.create' : 'common.save')}
          </Button>
        </div>
      ) : null}
    </form>
  );
}

function CampaignStanding({ campaign }: { campaign: CampaignRow }): ReactNode {
  const { data } = useQuery(standingQuery(campaign.id));
  return <Standing standing={data ?? campaign.callable} />;
}

function firstDraft(campaign: CampaignRow | null, trunks: readonly TrunkRow[]): CampaignDraft {
  if (campaign) return draftOf(campaign.name, campaign.settings);
  const draft = draftOf('');
  const trunk = trunks.find((one) => one.armed) ?? trunks[0];
  return { ...draft, trunk: trunk?.name ?? draft.trunk };
}

/** Whether the form shows a fault of this field beside it; all others stand at the head of the page. */
function hasPlace(field: string): boolean {
  return /^(name|reason|skills|callerId|trunk|countries|hours(\.\d+(\.(days|from|to))?)?|caps\..+|abandonment\.target|pacing\..+|recycling\..+|inbound\..+|weight|callbackMineMinutes|(ringTimeout|minRing|connectWithin|wrapUpLimit)Ms)$/.test(
    field,
  );
}
