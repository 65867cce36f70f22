import type { ReactNode } from 'react';

/** Line icons on a 24 × 24 grid; always beside words or with a name on their button, so hidden from assistive technology. */
const PATHS = {
  account: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20a7.5 7.5 0 0 1 15 0',
  alert: 'M12 3.5 22 20.5H2L12 3.5ZM12 10v4.5M12 17.6v.1',
  back: 'M19 12H5M11 6l-6 6 6 6',
  bell: 'M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15L6 16ZM10 20.5a2.2 2.2 0 0 0 4 0',
  building: 'M5 21V4h9v17M14 9h5v12M8 8h3M8 12h3M8 16h3M3 21h18',
  calendar: 'M4 6h16v14H4V6ZM4 10.5h16M8 3.5v4M16 3.5v4',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  chevron: 'm6 9 6 6 6-6',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5.2l3.4 2',
  close: 'M6 6l12 12M18 6 6 18',
  coffee: 'M4 9h13v5a5 5 0 0 1-5 5H9a5 5 0 0 1-5-5V9ZM17 10h1.5a2.5 2.5 0 0 1 0 5H17M8 3v2.5M12 3v2.5',
  download: 'M12 4v11M7 10.5l5 5 5-5M4 20h16',
  edit: 'M4 20h4L19.5 8.5l-4-4L4 16v4ZM13.5 6.5l4 4',
  file: 'M6 3h8l5 5v13H6V3ZM14 3v5h5M9 13h6M9 17h6',
  globe: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM3.5 9h17M3.5 15h17M12 3c5 5 5 13 0 18M12 3c-5 5-5 13 0 18',
  hangUp:
    'M3.5 14.5c-.6-1.4-.2-2.8 1-3.7a13 13 0 0 1 15 0c1.2.9 1.6 2.3 1 3.700l-.3.700a1 1 0 0 1-1.2.6l-3-.8a1 1 0 0 1-.8-1l.1-1.700a10 10 0 0 0-6.6 0l.1 1.700a1 1 0 0 1-.8 1l-3 .8a1 1 0 0 1-1.2-.6l-.3-.7Z',
  hold: 'M8.5 5.500v13M15.5 5.500v13',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 11v5.500M12 7.700v.1',
  keypad: 'M6 5h.01M12 5h.01M18 5h.01M6 11h.01M12 11h.01M18 11h.01M6 17h.01M12 17h.01M18 17h.01',
  list: 'M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01',
  logOut: 'M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9',
  microphone: 'M12 14.500a3 3 0 0 0 3-3v-5a3 3 0 0 0-6 0v5a3 3 0 0 0 3 3ZM6 11.500a6 6 0 0 0 12 0M12 17.500V21',
  microphoneOff:
    'M4 4l16 16M9 9v2.500a3 3 0 0 0 4.5 2.600M15 10.500v-4a3 3 0 0 0-5.8-1.100M6 11.500a6 6 0 0 0 9.5 4.900M18 11.500c0 .9-.2 1.7-.5 2.500M12 17.500V21',
  moon: 'M19.5 14.500A8 8 0 0 1 9.5 4.500a8 8 0 1 0 10 10Z',
  note: 'M5 4h14v11l-5 5H5V4ZM14 20v-5h5M8.5 9h7M8.5 12.500h4',
  pause: 'M9 6v12M15 6v12',
  people:
    'M9 11.500a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 19.500a6.5 6.5 0 0 1 13 0M16 11.300a3.2 3.2 0 0 0 0-6.300M18 14.200a6 6 0 0 1 3.5 5.3',
  phone:
    'M6.5 3.500h3l1.5 4.5-2 1.500a12 12 0 0 0 5.5 5.500l1.5-2 4.5 1.500v3a2 2 0 0 1-2.2 2A17 17 0 0 1 4.5 5.700a2 2 0 0 1 2-2.200Z',
  pin: 'M12 21s7-6.3 7-11.500a7 7 0 0 0-14 0C5 14.7 12 21 12 21ZM12 12a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z',
  play: 'M8 5.500v13l10.5-6.500L8 5.500Z',
  plus: 'M12 5v14M5 12h14',
  promise: 'M4 13l4-4 4 1 4-2 4 4-6.5 6a2 2 0 0 1-2.8 0L4 13Z',
  question: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM9.5 9.500a2.5 2.5 0 1 1 3.6 2.200c-.8.4-1.1 1-1.1 1.800M12 16.500v.1',
  refresh: 'M19.5 12a7.5 7.5 0 1 1-2.3-5.400M19.5 4v4h-4',
  shield: 'M12 3l7.5 3v5.500c0 4.6-3.1 8-7.5 9.5-4.4-1.5-7.5-4.9-7.5-9.500V6L12 3Z',
  signal: 'M5 19v-4M10 19v-8M15 19V8M20 19V4',
  stop: 'M7 7h10v10H7V7Z',
  trash: 'M5 7h14M10 7V4.500h4V7M7 7l1 13h8l1-13',
  upload: 'M12 20V9M7 13.500l5-5 5 5M4 4h16',
  wallet: 'M4 7h15a1 1 0 0 1 1 1v11H5a1 1 0 0 1-1-1V7ZM4 7l11-3.500V7M16.5 13.500h.01',
} as const;

export type IconName = keyof typeof PATHS;

/** Icons that point somewhere and turn with the reading direction; all others stay as they are. */
const DIRECTIONAL: ReadonlySet<IconName> = new Set(['back', 'logOut', 'list']);

/** One icon, in the colour of the text beside it. */
export function Icon({ name }: { name: IconName }): ReactNode {
  return (
    <svg className={DIRECTIONAL.has(name) ? 'icon directional' : 'icon'} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The sign of the house: two ends, and the arc between them. */
export function Mark({ size = 36 }: { size?: number }): ReactNode {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="#0b4f49" />
      <path d="M7 20a9 9 0 0 1 18 0" fill="none" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" />
      <path d="M12 20a4 4 0 0 1 8 0" fill="none" stroke="#8ed3c7" strokeWidth="2.6" strokeLinecap="round" />
      <circle cx="7" cy="20" r="2.6" fill="#fff" />
      <circle cx="25" cy="20" r="2.6" fill="#f2c56b" />
    </svg>
  );
}
