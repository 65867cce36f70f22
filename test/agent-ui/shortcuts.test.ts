import { describe, expect, it } from 'vitest';
import { SHORTCUTS, shortcutOf } from '../../agent-ui/src/agent/shortcuts.ts';

function press(part: Partial<KeyboardEvent>): Parameters<typeof shortcutOf>[0] {
  return { code: '', key: '', ctrlKey: false, shiftKey: false, altKey: false, metaKey: false, repeat: false, ...part };
}

describe('a shortcut', () => {
  it('goes by the place of the key: on a Persian layout KeyU is ع and still mutes', () => {
    expect(shortcutOf(press({ code: 'KeyU', key: 'ع', ctrlKey: true, shiftKey: true }), false, true)).toBe('mute');
  });

  it('with Ctrl and Shift works while a note is being written', () => {
    expect(shortcutOf(press({ code: 'KeyX', ctrlKey: true, shiftKey: true }), true, true)).toBe('hangUp');
  });

  it('of one key never works while something is being written', () => {
    expect(shortcutOf(press({ code: 'Digit1', key: '1' }), true, true)).toBeNull();
    expect(shortcutOf(press({ code: 'Slash', key: '?', shiftKey: true }), true, true)).toBeNull();
  });

  it('of one key can be turned off', () => {
    expect(shortcutOf(press({ code: 'Digit1', key: '1' }), false, false)).toBeNull();
  });

  it('1 to 9 choose an outcome, on the number pad and on every layout', () => {
    expect(shortcutOf(press({ code: 'Digit7', key: '۷' }), false, true)).toEqual({ outcome: 7 });
    expect(shortcutOf(press({ code: 'Numpad3', key: '3' }), false, true)).toEqual({ outcome: 3 });
    expect(shortcutOf(press({ code: 'Digit0', key: '0' }), false, true)).toBeNull();
  });

  it('held down acts once', () => {
    expect(shortcutOf(press({ code: 'KeyU', ctrlKey: true, shiftKey: true, repeat: true }), false, true)).toBeNull();
  });

  it('stands on no letter that browsers keep to themselves, and no two on one', () => {
    const codes = Object.values(SHORTCUTS);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.filter((code) => ['KeyN', 'KeyT', 'KeyW', 'KeyI', 'KeyJ', 'KeyC', 'KeyR'].includes(code))).toEqual([]);
  });
});
