import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import {
  MATCH_FIELDS,
  type Agreement,
  type Candidate,
  type MatchField,
  type MatchProposal,
} from '../../../server/contract/matching.ts';
import { useChange } from '../connection/use-change.ts';
import { Code, useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';
import { toast } from '../ui/toasts.tsx';
import { keepApart, mergePair } from './api.ts';

const SIDES = ['a', 'b'] as const;
type Side = (typeof SIDES)[number];
const TONES: Readonly<Record<Agreement, string>> = { agrees: 'good', differs: 'warn', unknown: '' };

/** Two people side by side, where they agree and where they differ, and what can be done with them. */
export function Pair({ proposal }: { proposal: MatchProposal }): ReactNode {
  const { say, format } = useLocale();
  const change = useChange();
  const title = `pair-${proposal.id}`;

  async function merge(side: Side): Promise<void> {
    const calledOff = await mergePair(proposal.id, proposal[side].id);
    const done = say('matches.done');
    toast('done', calledOff === 0 ? done : `${done} ${say('record.calledOff', { n: format.number(calledOff) })}`);
  }
  async function part(): Promise<void> {
    await keepApart(proposal.id);
    toast('done', say('matches.partedDone'));
  }
  return (
    <section className="card panel" aria-labelledby={title} data-testid="pair">
      <h2 id={title}>{say(`matchReason.${proposal.reason}`)}</h2>
      <table className="pair">
        <thead>
          <tr>
            <th scope="col">
              <span className="hidden-text">{say('matches.what')}</span>
            </th>
            {SIDES.map((side) => (
              <th key={side} scope="col">
                {say(`matches.${side}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {MATCH_FIELDS.map((field) => (
            <tr key={field} data-agreement={proposal.agreement[field]}>
              <th scope="row">
                {say(`matchField.${field}`)}
                <Agrees agreement={proposal.agreement[field]} />
              </th>
              {SIDES.map((side) => (
                <td key={side}>
                  <Value field={field} of={proposal[side]} beside={proposal[side === 'a' ? 'b' : 'a']} />
                </td>
              ))}
            </tr>
          ))}
          <tr>
            <th scope="row">{say('file.debts')}</th>
            {SIDES.map((side) => (
              <td key={side}>
                <Debts of={proposal[side]} />
              </td>
            ))}
          </tr>
        </tbody>
      </table>
      <div className="row">
        {SIDES.map((side) => (
          <Button key={side} icon="people" busy={change.busy} onClick={() => void change.run(() => merge(side))}>
            {say(side === 'a' ? 'matches.keepA' : 'matches.keepB')}
          </Button>
        ))}
        <Button look="plain" icon="close" busy={change.busy} onClick={() => void change.run(part)}>
          {say('matches.part')}
        </Button>
      </div>
    </section>
  );
}

function Agrees({ agreement }: { agreement: Agreement }): ReactNode {
  const { say } = useLocale();
  return (
    <span className={`badge ${TONES[agreement]}`}>
      {agreement === 'unknown' ? null : <Icon name={agreement === 'agrees' ? 'check' : 'alert'} />}
      {say(`agreement.${agreement}`)}
    </span>
  );
}

function Value({ field, of, beside }: { field: MatchField; of: Candidate; beside: Candidate }): ReactNode {
  const { say, sayIfKnown, format } = useLocale();
  switch (field) {
    case 'name':
      return (
        <Link to="/admin/debtors/$partyId" params={{ partyId: of.id }}>
          <bdi>{of.name}</bdi>
        </Link>
      );
    case 'identity':
      if (of.identityKind === null) return <span className="faint">{say('matches.noIdentity')}</span>;
      return <bdi>{sayIfKnown(`identity.${of.identityKind}`) ?? of.identityKind}</bdi>;
    case 'phones':
      return <Codes codes={of.phones} shared={beside.phones} />;
    case 'ibans':
      return <Codes codes={of.ibans} shared={beside.ibans} />;
    case 'address':
      return <bdi dir="auto">{of.address ?? '—'}</bdi>;
    case 'country':
      return <bdi>{format.country(of.country)}</bdi>;
    case 'language':
      return <bdi>{of.language === null ? '—' : format.language(of.language)}</bdi>;
  }
}

/** Numbers or accounts, those in common first seen. */
function Codes({ codes, shared }: { codes: readonly string[]; shared: readonly string[] }): ReactNode {
  if (codes.length === 0) return '—';
  return (
    <ul className="plain-list">
      {codes.map((code) => (
        <li key={code} className={shared.includes(code) ? 'strong' : undefined}>
          <Code>{code}</Code>
        </li>
      ))}
    </ul>
  );
}

function Debts({ of }: { of: Candidate }): ReactNode {
  const { format } = useLocale();
  if (of.debts.length === 0) return '—';
  return (
    <ul className="plain-list">
      {of.debts.map((debt) => (
        <li key={`${debt.creditor} ${debt.account}`}>
          <bdi>{debt.creditor}</bdi> <Code>{debt.account}</Code>{' '}
          <bdi className="figure">{format.money(debt.balanceMinor, debt.currency)}</bdi>
        </li>
      ))}
    </ul>
  );
}
