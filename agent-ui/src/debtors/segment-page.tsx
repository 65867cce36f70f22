import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import {
  MATCHES,
  SEGMENT_FIELDS,
  segmentCount,
  type SavedSegment,
  type Segment,
  type SegmentField,
} from '../../../server/contract/segments.ts';
import { campaignQuery } from '../admin/api.ts';
import { AskFailed } from '../admin/ask-failed.tsx';
import { ask } from '../connection/http.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import { reasonWords } from '../i18n/reason-words.ts';
import { Button } from '../ui/button.tsx';
import { SelectField, TextField } from '../ui/field.tsx';
import { Icon } from '../ui/icons.tsx';
import { useSettled } from '../ui/use-settled.ts';
import { SavedSegments, SaveSegment } from './saved-segments.tsx';
import {
  draftOfSegment,
  newCondition,
  newGroup,
  onField,
  segmentOf,
  testsOf,
  type ConditionDraft,
  type GroupDraft,
  type Match,
  type SegmentDraft,
} from './segment-draft.ts';
import './debtors.css';

const FIELDS = Object.keys(SEGMENT_FIELDS) as SegmentField[];

function segmentQuery(campaignId: string, segment: Segment | null) {
  return queryOptions({
    queryKey: ['campaigns', campaignId, 'segment', segment],
    queryFn: () => ask('POST', `/campaigns/${campaignId}/segment`, segmentCount, { body: segment }),
    enabled: segment !== null,
    placeholderData: keepPreviousData,
  });
}

/** A part of a campaign's debtors by conditions joined with AND and OR: how many, live, and the first of them. */
export function SegmentPage(): ReactNode {
  const { campaignId } = useParams({ from: '/admin/campaigns/$campaignId/segment' });
  const { say } = useLocale();
  const campaign = useQuery(campaignQuery(campaignId));
  const [draft, setDraft] = useState<SegmentDraft>(emptyDraft);
  const [opened, setOpened] = useState<SavedSegment | null>(null);
  function open(segment: SavedSegment | null): void {
    setOpened(segment);
    setDraft(segment === null ? emptyDraft() : draftOfSegment(segment.segment));
  }
  const changeGroup = (key: number, group: GroupDraft | null): void =>
    setDraft({ ...draft, groups: draft.groups.flatMap((each) => (each.key === key ? (group ?? []) : each)) });
  if (campaign.isError) return <AskFailed query={campaign} />;
  return (
    <div className="stack" data-testid="segment">
      <header className="page-head">
        <Link
          to="/admin/campaigns/$campaignId"
          params={{ campaignId }}
          className="button bare square"
          aria-label={say('scorecard.back')}
        >
          <Icon name="back" />
        </Link>
        <h1 className="grow">
          <Say text="segment.title" values={{ campaign: campaign.data?.name ?? '' }} />
        </h1>
      </header>
      <p className="faint">{say('segment.lead')}</p>
      <SavedSegments campaignId={campaignId} opened={opened} onOpen={open} />
      <section className="card panel">
        {draft.groups.length > 1 ? (
          <MatchField label={say('segment.groups')} match={draft.match} onChange={(match) => setDraft({ ...draft, match })} />
        ) : null}
        {draft.groups.map((group) => (
          <Group
            key={group.key}
            group={group}
            alone={draft.groups.length === 1}
            onChange={(next) => changeGroup(group.key, next)}
          />
        ))}
        <div>
          <Button icon="plus" onClick={() => setDraft({ ...draft, groups: [...draft.groups, newGroup()] })}>
            {say('segment.addGroup')}
          </Button>
        </div>
      </section>
      <Count campaignId={campaignId} segment={segmentOf(draft)} />
      <SaveSegment
        key={opened?.id ?? 'new'}
        campaignId={campaignId}
        opened={opened}
        segment={segmentOf(draft)}
        onOpen={setOpened}
      />
    </div>
  );
}

function emptyDraft(): SegmentDraft {
  return { match: 'all', groups: [newGroup()] };
}

function MatchField({ label, match, onChange }: { label: string; match: Match; onChange: (match: Match) => void }): ReactNode {
  const { say } = useLocale();
  return (
    <SelectField
      label={label}
      value={match}
      onChange={(event) => onChange(MATCHES.find((each) => each === event.target.value) ?? match)}
    >
      {MATCHES.map((each) => (
        <option key={each} value={each}>
          {say(`segmentMatch.${each}`)}
        </option>
      ))}
    </SelectField>
  );
}

function Group({
  group,
  alone,
  onChange,
}: {
  group: GroupDraft;
  alone: boolean;
  onChange: (group: GroupDraft | null) => void;
}): ReactNode {
  const { say } = useLocale();
  const change = (key: number, condition: ConditionDraft | null): void => {
    const conditions = group.conditions.flatMap((each) => (each.key === key ? (condition ?? []) : each));
    onChange(conditions.length === 0 ? null : { ...group, conditions });
  };
  return (
    <fieldset className="hours-window">
      <legend className="field-label">{say('segment.group')}</legend>
      {group.conditions.length > 1 ? (
        <MatchField label={say('segment.conditions')} match={group.match} onChange={(match) => onChange({ ...group, match })} />
      ) : null}
      {group.conditions.map((condition) => (
        <Condition
          key={condition.key}
          condition={condition}
          last={alone && group.conditions.length === 1}
          onChange={(next) => change(condition.key, next)}
        />
      ))}
      <div>
        <Button icon="plus" onClick={() => onChange({ ...group, conditions: [...group.conditions, newCondition()] })}>
          {say('segment.addCondition')}
        </Button>
      </div>
    </fieldset>
  );
}

function Condition({
  condition,
  last,
  onChange,
}: {
  condition: ConditionDraft;
  last: boolean;
  onChange: (condition: ConditionDraft | null) => void;
}): ReactNode {
  const { say } = useLocale();
  return (
    <div className="form-grid" data-testid="condition">
      <SelectField
        label={say('segment.field')}
        value={condition.field}
        onChange={(event) => onChange(onField(condition, FIELDS.find((each) => each === event.target.value) ?? condition.field))}
      >
        {FIELDS.map((field) => (
          <option key={field} value={field}>
            {say(`segmentField.${field}`)}
          </option>
        ))}
      </SelectField>
      <SelectField
        label={say('segment.test')}
        value={condition.test}
        onChange={(event) =>
          onChange({ ...condition, test: testsOf(condition.field).find((each) => each === event.target.value) ?? condition.test })
        }
      >
        {testsOf(condition.field).map((test) => (
          <option key={test} value={test}>
            {say(`segmentTest.${test}`)}
          </option>
        ))}
      </SelectField>
      <div className="row segment-value">
        <TextField
          label={say('segment.value')}
          value={condition.value}
          maxLength={80}
          dir="auto"
          autoComplete="off"
          inputMode={SEGMENT_FIELDS[condition.field] === 'figure' ? 'numeric' : 'text'}
          onChange={(event) => onChange({ ...condition, value: event.target.value })}
        />
        <Button look="bare" icon="trash" name={say('segment.remove')} disabled={last} onClick={() => onChange(null)} />
      </div>
    </div>
  );
}

function Count({ campaignId, segment }: { campaignId: string; segment: Segment | null }): ReactNode {
  const locale = useLocale();
  const { say, sayIfKnown, format } = locale;
  const settled = useSettled(segment);
  const counted = useQuery(segmentQuery(campaignId, settled));
  if (counted.isError) return <AskFailed query={counted} />;
  const { data } = counted;
  return (
    <section className="card panel" aria-labelledby="segment-count" aria-busy={counted.isFetching} data-testid="segment-count">
      <h2 id="segment-count">{say('segment.count')}</h2>
      {settled === null || !data ? (
        <p className="faint">{say('segment.unfinished')}</p>
      ) : (
        <>
          <p className="strong" aria-live="polite">
            <Say text="segment.counted" values={{ n: format.number(data.count), total: format.number(data.total) }} />
          </p>
          <ul className="plain-list lined">
            {data.sample.map((row) => (
              <li key={row.partyId} className="row">
                <Link to="/admin/debtors/$partyId" params={{ partyId: row.partyId }} className="grow">
                  <bdi>{row.displayName}</bdi>
                </Link>
                <bdi className="small">{format.country(row.country)}</bdi>
                <span className="badge">{sayIfKnown(`queueState.${row.state}`) ?? row.state}</span>
                {row.reason === null ? null : <span className="small faint">{reasonWords(locale, row.reason)}</span>}
                <span className="small">
                  {say('scorecard.score')} <bdi>{format.number(row.score)}</bdi>
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
