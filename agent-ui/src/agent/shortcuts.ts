import { useEffect, useEffectEvent } from 'react';

/**
 * Shortcuts go by `event.code`, the place of the key: a Persian layout gives ش for KeyA. Letters that browsers keep to themselves
 * (N, T, W) are left alone.
 */
export const SHORTCUTS = {
  mute: 'KeyU',
  hold: 'KeyH',
  keypad: 'KeyK',
  hangUp: 'KeyX',
  ready: 'KeyY',
  pause: 'KeyE',
  outcome: 'KeyO',
  note: 'KeyL',
  save: 'KeyS',
} as const;
export type ShortcutName = keyof typeof SHORTCUTS;

/** A second press of what cannot be undone within this time is taken for a slip. */
const THROTTLE_MS = 1_000;
const DESTRUCTIVE: ReadonlySet<ShortcutName> = new Set(['hangUp', 'save']);

/** What the keyboard event asks for: a named action, an outcome's number, the help, or nothing. */
export function shortcutOf(
  event: Pick<KeyboardEvent, 'code' | 'key' | 'ctrlKey' | 'shiftKey' | 'altKey' | 'metaKey' | 'repeat'>,
  typing: boolean,
  singleKeys: boolean,
): ShortcutName | { outcome: number } | 'help' | null {
  if (event.altKey || event.metaKey || event.repeat) return null;
  if (event.ctrlKey && event.shiftKey) {
    return (Object.entries(SHORTCUTS) as [ShortcutName, string][]).find(([, code]) => code === event.code)?.[0] ?? null;
  }
  if (typing || event.ctrlKey || !singleKeys) return null;
  if (event.key === '?' || event.key === '؟') return 'help';
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
  return digit !== undefined && !event.shiftKey ? { outcome: Number(digit) } : null;
}

const SINGLE_KEYS = 'wusul:single-keys';

/** Whether the keys 1–9 and ? work alone; people who dictate or brush keys can turn them off. */
export function singleKeysOn(): boolean {
  return localStorage.getItem(SINGLE_KEYS) !== 'off';
}

/** Turns the shortcuts of a single key on or off, in this browser. */
export function setSingleKeys(on: boolean): void {
  localStorage.setItem(SINGLE_KEYS, on ? 'on' : 'off');
}

/** Listens for shortcuts while a component is shown. */
export function useShortcuts(act: (wanted: ShortcutName | { outcome: number } | 'help') => void): void {
  const onWanted = useEffectEvent(act);
  useEffect(() => {
    const lastAt = new Map<string, number>();
    function onKey(event: KeyboardEvent): void {
      if (document.querySelector('dialog[open]')) return;
      const wanted = shortcutOf(event, isTyping(event.target), singleKeysOn());
      if (wanted === null) return;
      event.preventDefault();
      if (typeof wanted === 'string' && DESTRUCTIVE.has(wanted as ShortcutName)) {
        const before = lastAt.get(wanted) ?? Number.NEGATIVE_INFINITY;
        if (event.timeStamp - before < THROTTLE_MS) return;
        lastAt.set(wanted, event.timeStamp);
      }
      onWanted(wanted);
    }
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.tagName === 'TEXTAREA' || target.tagName === 'SELECT') return true;
  if (target.getAttribute('role') === 'spinbutton' || target.closest('[role="menu"]')) return true;
  return target instanceof HTMLInputElement && !['radio', 'checkbox', 'button'].includes(target.type);
}
