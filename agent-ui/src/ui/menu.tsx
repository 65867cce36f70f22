import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { Button, type ButtonProps } from './button.tsx';

/** A button with a menu below it: arrows, Home, End and first letters move, Escape and a click outside close. */
export function Menu({
  label,
  children,
  ...button
}: { label: ReactNode; children: ReactNode } & Omit<ButtonProps, 'children'>): ReactNode {
  const [open, setOpen] = useState(false);
  const id = useId();
  const trigger = useRef<HTMLSpanElement>(null);
  const menu = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const list = menu.current;
    if (!open || !list || !trigger.current) return;
    list.showPopover();
    place(list, trigger.current);
    items(list)[0]?.focus();
  }, [open]);

  function close(): void {
    menu.current?.hidePopover();
    setOpen(false);
    trigger.current?.querySelector('button')?.focus();
  }

  function onKeyDown(event: KeyboardEvent): void {
    const all = items(menu.current);
    const at = all.findIndex((item) => item === document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      all.at(to % all.length)?.focus();
      return;
    }
    if (event.key === 'Escape' || event.key === 'Tab') {
      if (event.key === 'Escape') event.preventDefault();
      close();
      return;
    }
    if (event.key.length === 1) {
      const letter = event.key.toLocaleLowerCase();
      const after = [...all.slice(at + 1), ...all.slice(0, at + 1)];
      after.find((item) => item.textContent.trim().toLocaleLowerCase().startsWith(letter))?.focus();
    }
  }

  return (
    <span ref={trigger}>
      <Button
        aria-haspopup="menu"
        aria-expanded={open}
        {...(open ? { 'aria-controls': id } : {})}
        onClick={() => setOpen(true)}
        {...button}
      >
        {label}
      </Button>
      {open ? (
        <div
          ref={menu}
          id={id}
          role="menu"
          tabIndex={-1}
          popover="auto"
          className="menu"
          onKeyDown={onKeyDown}
          onClick={(event) => {
            if ((event.target as Element).closest('[role^="menuitem"]')) close();
          }}
          onToggle={(event) => {
            if (event.newState === 'closed') setOpen(false);
          }}
        >
          {children}
        </div>
      ) : null}
    </span>
  );
}

/** One thing a menu can do. */
export function MenuItem({
  onChoose,
  note,
  children,
}: {
  onChoose: () => void;
  note?: ReactNode;
  children: ReactNode;
}): ReactNode {
  return (
    <button type="button" role="menuitem" tabIndex={-1} className="menu-item" onClick={onChoose}>
      {children}
      {note ? <span className="menu-note">{note}</span> : null}
    </button>
  );
}

function items(list: HTMLElement | null): HTMLElement[] {
  return list ? [...list.querySelectorAll<HTMLElement>('[role^="menuitem"]')] : [];
}

/** Puts a menu under its button, at the button's starting edge, inside the window. */
function place(list: HTMLElement, trigger: HTMLElement): void {
  const button = trigger.getBoundingClientRect();
  const size = list.getBoundingClientRect();
  const rtl = document.documentElement.dir === 'rtl';
  const wanted = rtl ? button.right - size.width : button.left;
  const left = Math.min(Math.max(8, wanted), innerWidth - size.width - 8);
  const below = button.bottom + 6;
  const top = below + size.height > innerHeight ? Math.max(8, button.top - size.height - 6) : below;
  list.style.left = `${left}px`;
  list.style.top = `${top}px`;
}
