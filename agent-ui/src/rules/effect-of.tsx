import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { AskFailed } from '../admin/ask-failed.tsx';
import { useLocale } from '../i18n/locale.tsx';

/** What rules in an editor would do, once the server has said so; what is wrong with them the editor shows itself. */
export function EffectOf<Preview extends { faults: readonly unknown[] }>({
  preview,
  children,
}: {
  preview: UseQueryResult<Preview>;
  children: (data: Preview) => ReactNode;
}): ReactNode {
  const { say } = useLocale();
  const { data } = preview;
  if (preview.isError) return <AskFailed query={preview} />;
  if (data === undefined) return <p className="faint">{say('common.loading')}</p>;
  return data.faults.length > 0 ? <p className="faint">{say('packEffect.incomplete')}</p> : children(data);
}
