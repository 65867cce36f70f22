import type { ReactNode } from 'react';
import type { PackDetail } from '../../../server/contract/packs.ts';
import { useLocale } from '../i18n/locale.tsx';
import { toast } from '../ui/toasts.tsx';
import { savePack } from './api.ts';
import { RulesEditor } from './rules-editor.tsx';

interface EditorProps {
  pack: PackDetail;
  mayChange: boolean;
  onSaved: () => void;
}

/** The rules of a pack, saved as its next version. */
export function PackEditor({ pack, mayChange, onSaved }: EditorProps): ReactNode {
  const { say, format } = useLocale();
  const newest = Math.max(...pack.versions.map((version) => version.version));
  return (
    <RulesEditor
      rules={pack.rules}
      mayChange={mayChange}
      testId="pack-editor"
      onSave={async (change) => {
        const saved = await savePack({ id: pack.id, version: newest, ...change });
        toast('done', say('pack.saved', { version: format.number(saved.versions[0]?.version ?? newest + 1) }));
        onSaved();
      }}
    />
  );
}
