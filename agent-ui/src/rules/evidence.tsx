import type { ReactNode } from 'react';
import type { Evidence } from '../../../server/contract/rule-terms.ts';
import { useLocale } from '../i18n/locale.tsx';
import { Icon } from '../ui/icons.tsx';

/** How well a rule is known, in words; what nobody has verified stands out wherever it appears. */
export function EvidenceBadge({ level, count }: { level: Evidence; count?: number }): ReactNode {
  const { say, format } = useLocale();
  const tone = level === 'V0' ? 'warn' : level === 'V1' ? 'good' : '';
  return (
    <span className={`badge ${tone}`} data-evidence={level}>
      {level === 'V0' ? <Icon name="alert" /> : null}
      {say(`evidence.${level}`)}
      {count === undefined ? null : <bdi>{format.number(count)}</bdi>}
    </span>
  );
}

/** Beside a reason behind which stand rules that nobody has verified, all of its name or some; nothing beside others. */
export function UnverifiedBadge({ of }: { of: 'all' | 'some' | undefined }): ReactNode {
  const { say } = useLocale();
  if (of === undefined) return null;
  if (of === 'all') return <EvidenceBadge level="V0" />;
  return (
    <span className="badge warn" data-evidence="V0">
      <Icon name="alert" />
      {say('evidence.someV0')}
    </span>
  );
}
