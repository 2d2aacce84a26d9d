/** Which screen an address means. The server answers the same addresses with the page: src/protocol/pages.ts. */
import { computed, signal } from '@preact/signals';

export type Route =
  | { screen: 'home' }
  | { screen: 'login' }
  | { screen: 'register' }
  /** The token of the link stands after `#`. */
  | { screen: 'reset' }
  | { screen: 'invite'; token: string }
  | { screen: 'new-chat' }
  | { screen: 'new-group' }
  /** `seq`: the message to jump to. */
  | { screen: 'chat'; chatId: string; seq?: number }
  | { screen: 'chat-info'; chatId: string }
  | { screen: 'person'; userId: string }
  | { screen: 'settings'; section?: SettingsSection }
  | { screen: 'not-found' };

/** In the order in which they are listed. */
export const settingsSections = [
  'profile',
  'look',
  'notifications',
  'privacy',
  'password',
  'sessions',
  'account',
] as const;
export type SettingsSection = (typeof settingsSections)[number];

const isSection = (text: string): text is SettingsSection => settingsSections.includes(text as SettingsSection);

/** Where systems 000, 001 and 003 had their pages. */
const oldPages = new Set(['/chat', '/messenger', '/api/v1/static/index.html']);

/** The screen of a path. */
export function toRoute(path: string): Route {
  const trimmed = path.replace(/\/+$/, '');
  if (trimmed === '' || oldPages.has(trimmed)) return { screen: 'home' };
  const [first = '', second, third, ...more] = trimmed.slice(1).split('/').map(decode);
  if (more.length > 0) return { screen: 'not-found' };
  if (second === undefined) {
    if (first === 'login' || first === 'register' || first === 'reset' || first === 'settings')
      return { screen: first };
    return { screen: first === 'new' ? 'new-chat' : 'not-found' };
  }
  if (first === 'c') return toChatRoute(second, third);
  if (third !== undefined) return { screen: 'not-found' };
  if (first === 'invite') return { screen: 'invite', token: second };
  if (first === 'u') return { screen: 'person', userId: second };
  if (first === 'new' && second === 'group') return { screen: 'new-group' };
  if (first === 'settings' && isSection(second)) return { screen: 'settings', section: second };
  return { screen: 'not-found' };
}

function toChatRoute(chatId: string, rest: string | undefined): Route {
  if (rest === undefined) return { screen: 'chat', chatId };
  if (rest === 'info') return { screen: 'chat-info', chatId };
  const seq = Number(rest);
  return Number.isSafeInteger(seq) && seq > 0 ? { screen: 'chat', chatId, seq } : { screen: 'not-found' };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const path = signal(location.pathname);

/** The screen of this moment. */
export const route = computed<Route>(() => toRoute(path.value));

addEventListener('popstate', () => (path.value = location.pathname));

/** Goes to another screen; the browser's back button returns. `replace`: it does not return here. */
export function go(to: string, { replace = false }: { replace?: boolean } = {}): void {
  if (to === location.pathname + location.search + location.hash) return;
  if (replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  path.value = location.pathname;
}

export const paths = {
  home: '/',
  login: '/login',
  register: '/register',
  newChat: '/new',
  newGroup: '/new/group',
  settings: '/settings',
  section: (section: SettingsSection) => `/settings/${section}`,
  chat: (chatId: string, seq?: number) => (seq === undefined ? `/c/${chatId}` : `/c/${chatId}/${seq}`),
  chatInfo: (chatId: string) => `/c/${chatId}/info`,
  person: (userId: string) => `/u/${userId}`,
} as const;
