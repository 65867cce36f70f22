import { useState, type ReactNode } from 'react';
import { useLocale } from '../i18n/locale.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { setSingleKeys, SHORTCUTS, singleKeysOn, type ShortcutName } from './shortcuts.ts';

const NAMES = Object.keys(SHORTCUTS) as ShortcutName[];

/** Every shortcut, and the switch for those of a single key. */
export function Help({ onClose }: { onClose: () => void }): ReactNode {
  const { say, format } = useLocale();
  const [single, setSingle] = useState(singleKeysOn);
  return (
    <Dialog title={say('help.title')} onClose={onClose}>
      <p className="faint">{say('help.lead')}</p>
      <table className="help-table">
        <thead className="hidden-text">
          <tr>
            <th scope="col">{say('help.action')}</th>
            <th scope="col">{say('help.keys')}</th>
          </tr>
        </thead>
        <tbody>
          {NAMES.map((name) => (
            <tr key={name}>
              <th scope="row">{say(`shortcut.${name}`)}</th>
              <td dir="ltr">
                <kbd>{'Ctrl'}</kbd> <kbd>{'Shift'}</kbd> <kbd>{SHORTCUTS[name].slice(3)}</kbd>
              </td>
            </tr>
          ))}
          <tr>
            <th scope="row">{say('shortcut.chooseOutcome')}</th>
            <td dir="ltr">
              <kbd>{format.number(1)}</kbd>
              {' – '}
              <kbd>{format.number(9)}</kbd>
            </td>
          </tr>
          <tr>
            <th scope="row">{say('shortcut.help')}</th>
            <td dir="ltr">
              <kbd>{'?'}</kbd>
            </td>
          </tr>
        </tbody>
      </table>
      <label className="choice">
        <input
          type="checkbox"
          checked={single}
          onChange={(event) => {
            setSingle(event.target.checked);
            setSingleKeys(event.target.checked);
          }}
        />
        <span>{say('help.singleKeys')}</span>
      </label>
    </Dialog>
  );
}
