/** The pictures of buttons: lines on a grid of 24 by 24. Said by nobody: what holds one has a name of its own. */
import './icon.css';

const shapes = {
  add: 'M12 5v14M5 12h14',
  archive: 'M4 8v11h16V8M3 4h18v4H3zM10 12h4',
  arrowDown: 'M12 5v14M6 13l6 6 6-6',
  back: 'M15 5l-7 7 7 7',
  bell: 'M6 16V11a6 6 0 0112 0v5l2 2H4zM10 21h4',
  bellOff: 'M6 16V11a6 6 0 0112 0v5l2 2H4zM10 21h4M3 3l18 18',
  block: 'M12 3a9 9 0 100 18 9 9 0 000-18zM5.6 5.6l12.8 12.8',
  calendar: 'M4 6h16v14H4zM4 10h16M8 3v4M16 3v4',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  checks: 'M2.5 12.5L7 17l9-9.5M11.5 16.5l.5.5 9.5-9.5',
  clock: 'M12 3a9 9 0 100 18 9 9 0 000-18zM12 7v5l3 2',
  close: 'M6 6l12 12M18 6L6 18',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  devices: 'M4 16V5h15v3M2 19h10M15 11h6v9h-6z',
  down: 'M6 9l6 6 6-6',
  edit: 'M4 20l1-4L16.5 4.5a2 2 0 013 3L8 19zM14 7l3 3',
  emoji: 'M12 3a9 9 0 100 18 9 9 0 000-18zM8.5 14.5a4.5 4.5 0 007 0M9 9.5v.5M15 9.5v.5',
  error: 'M12 3a9 9 0 100 18 9 9 0 000-18zM12 7.5v5.5M12 16v.5',
  exit: 'M10 4H5v16h5M14 8l4 4-4 4M8 12h10',
  eye: 'M2.500 12C5 7.500 8.500 5.500 12 5.500s7 2 9.500 6.500c-2.500 4.500-6 6.500-9.500 6.500S5 16.500 2.500 12zM12 9a3 3 0 100 6 3 3 0 000-6z',
  eyeOff:
    'M4 4l16 16M9.500 6c.8-.3 1.600-.5 2.500-.5 3.500 0 7 2 9.500 6.500-.8 1.400-1.700 2.600-2.700 3.500M6.500 7.500C5 8.500 3.700 10 2.500 12c2.500 4.500 6 6.500 9.500 6.500 1.600 0 3.200-.4 4.700-1.300M10 10a3 3 0 004 4',
  flag: 'M5 21V4h13l-3 4.5 3 4.5H5',
  forward: 'M14 6l6 6-6 6M20 12H9a5 5 0 00-5 5v2',
  group:
    'M9 5a3.5 3.5 0 100 7 3.5 3.5 0 000-7zM2.5 20a6.5 6.5 0 0113 0M16 5.2a3.5 3.5 0 010 6.6M18 14.5a6.5 6.5 0 013.5 5.5',
  image: 'M4 5h16v14H4zM4 16l5-5 5 5M13 15l3-3 4 4M15.5 8.5v.5',
  info: 'M12 3a9 9 0 100 18 9 9 0 000-18zM12 11v5.5M12 7.5v.5',
  key: 'M15 4a5 5 0 11-4.6 7L4 17.5V20h4v-3h3v-3l1.5-1.5M16.5 7.5v.5',
  language: 'M12 3a9 9 0 100 18 9 9 0 000-18zM3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18',
  link: 'M10 14a4 4 0 005.7 0l3-3A4 4 0 0013 5.3l-1 1M14 10a4 4 0 00-5.7 0l-3 3A4 4 0 0011 18.7l1-1',
  list: 'M9 6h11M9 12h11M9 18h11M4.500 6v.5M4.500 12v.5M4.500 18v.5',
  mention: 'M12 8a4 4 0 100 8 4 4 0 000-8zM16 8v5.5a2.5 2.5 0 005 0V12a9 9 0 10-4 7.5',
  message: 'M4 5h16v12H9l-5 4z',
  more: 'M12 5a.5.5 0 100 1 .5.5 0 000-1zM12 11.500a.5.5 0 100 1 .5.5 0 000-1zM12 18a.5.5 0 100 1 .5.5 0 000-1z',
  newChat: 'M12 5H4v15h15v-8M9.5 14.5l.5-3L18 3.5l2.5 2.5-8 8z',
  offline: 'M4 4l16 16M9 6a8 8 0 019.5 5 4.5 4.5 0 012 7M16 19H7a5 5 0 01-.8-9.9',
  palette:
    'M12 3a9 9 0 100 18c2 0 1.5-2 1-3s.5-2.5 2-2.5h2.5A3.500 3.500 0 0021 12c0-5-4-9-9-9zM7.500 12v.5M9.500 7.500v.5M14.500 7.500v.5',
  person: 'M12 4a4 4 0 100 8 4 4 0 000-8zM4.500 21a7.500 7.500 0 0115 0',
  pin: 'M9 4h6l-1 6 3 3v2H7v-2l3-3zM12 15v6',
  reply: 'M10 6l-6 6 6 6M4 12h11a5 5 0 015 5v2',
  retry: 'M19 12a7 7 0 11-2-5l2 2M19 4v5h-5',
  search: 'M11 4a7 7 0 100 14 7 7 0 000-14zM16 16l5 5',
  send: 'M4 12L3 4l18 8-18 8 1-8zM4 12h8',
  settings:
    'M10.3 5.1l.4-2.4h2.6l.4 2.4 2 .8 2-1.4 1.8 1.8-1.4 2 .8 2 2.4.4v2.6l-2.4.4-.8 2 1.4 2-1.8 1.8-2-1.4-2 .8-.4 2.4h-2.6l-.4-2.4-2-.8-2 1.4-1.8-1.8 1.4-2-.8-2-2.4-.4v-2.6l2.4-.4.8-2-1.4-2 1.8-1.8 2 1.4zM12 9a3 3 0 100 6 3 3 0 000-6z',
  shield: 'M12 3l7 3v6c0 4-3 7.500-7 9-4-1.500-7-5-7-9V6z',
  trash: 'M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5',
  unpin: 'M9 4h6l-1 6 3 3v2H7v-2l3-3zM12 15v6M3 3l18 18',
  unread: 'M4 6h10M4 6v12h16v-7M4 7l8 6 3-2M19 4a2 2 0 100 4 2 2 0 000-4z',
} as const;

export type IconName = keyof typeof shapes;
export const iconNames = Object.keys(shapes) as IconName[];

/** `size`: in rem; 1.25 by default. */
export const Icon = ({ name, size = 1.25 }: { name: IconName; size?: number }) => (
  <svg class="icon" viewBox="0 0 24 24" width={`${size}rem`} height={`${size}rem`} aria-hidden="true">
    <path d={shapes[name]} />
  </svg>
);
