import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { Icon, type IconName } from './icons.tsx';

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className'> {
  look?: 'primary' | 'danger' | 'plain' | 'bare' | undefined;
  icon?: IconName | undefined;
  /** Work is under way: a spinner instead of the icon, and further clicks do nothing. */
  busy?: boolean | undefined;
  /** A switch that is on now: pressed, and coloured. */
  pressed?: boolean | undefined;
  large?: boolean | undefined;
  /** Only the icon is shown; the name is still there for those who do not see it. */
  name?: string | undefined;
  'data-testid'?: string | undefined;
  children?: ReactNode;
}

/** A button of the house. Words, or an icon with a `name`. */
export function Button({ look, icon, busy, pressed, large, name, children, onClick, ...rest }: ButtonProps): ReactNode {
  const classes = ['button', look, large && 'large', pressed && 'on', children === undefined && 'square']
    .filter(Boolean)
    .join(' ');
  return (
    <button
      type="button"
      className={classes}
      aria-busy={busy === true}
      {...(pressed === undefined ? {} : { 'aria-pressed': pressed })}
      {...(name === undefined ? {} : { 'aria-label': name, title: name })}
      onClick={(event) => {
        if (!busy) onClick?.(event);
      }}
      {...rest}
    >
      {busy ? <span className="spinner" aria-hidden="true" /> : icon ? <Icon name={icon} /> : null}
      {children}
    </button>
  );
}
