/** Who has logged in on this device, and the messenger that speaks for them. */
import { signal } from '@preact/signals';
import { connect, type Messenger } from '../../client/index.ts';
import { openLocal } from '../offline/local.ts';
import { call, toError } from './api.ts';
import { onSetting, readSetting, writeSetting } from './settings.ts';

export type SessionState =
  /** `ended`: the server has ended the session that was. */
  { kind: 'out'; ended: boolean } | { kind: 'in'; userId: string; messenger: Messenger };

/** The session of this moment. */
export const session = signal<SessionState>({ kind: 'out', ended: false });

/** The browser holds the tokens in cookies that no script can read; this only remembers that there are some, and whose. */
const remember = (userId: string | undefined): void => writeSetting('user', userId);

/** Goes on with the session of an earlier visit, if there is one. Nothing is waited for: what is known is shown at once. */
export function resumeSession(): void {
  const userId = readSetting('user');
  if (userId !== undefined) start(userId);
}

function start(userId: string): void {
  const local = openLocal(userId);
  const messenger = local.attach(
    connect({
      url: location.origin,
      auth: { cookie: true },
      userId,
      storage: local.storage,
      onError: (error) => console.warn(error.code, error.message),
    }),
  );
  messenger.on('session_ended', () => end(messenger, true));
  session.value = { kind: 'in', userId, messenger };
}

function end(messenger: Messenger, ended: boolean): void {
  if (session.value.kind !== 'in' || session.value.messenger !== messenger) return;
  // Another tab may have logged in somebody else.
  if (readSetting('user') === session.value.userId) remember(undefined);
  session.value = { kind: 'out', ended };
}

/** Identifier: e-mail, phone or username. Errors: `MessengerError`. */
export async function logIn(identifier: string, password: string): Promise<void> {
  const body = { identifier, password, cookie: true };
  const answer = (await call({ method: 'POST', path: '/api/v1/auth/token', body })) as { user_id: string };
  remember(answer.user_id);
  start(answer.user_id);
}

export interface Registration {
  name: string;
  password: string;
  email?: string;
  phone?: string;
  username?: string;
  /** Where the server lets in only who was invited. */
  invite?: string;
}

/** Makes an account and logs in. Errors: `MessengerError`. */
export async function register({ password, ...person }: Registration): Promise<void> {
  await call({ method: 'POST', path: '/api/v1/auth/register', body: { ...person, password } });
  await logIn((person.email ?? person.phone ?? person.username)!, password);
}

/** Ends the session on the server and here. Errors: those of the request; here it has ended all the same. */
export async function logOut(): Promise<void> {
  if (session.value.kind !== 'in') return;
  const { messenger } = session.value;
  remember(undefined);
  try {
    await messenger.logOut();
  } catch (error) {
    throw toError(error);
  } finally {
    end(messenger, false);
  }
}

/** Who logs in or out in one tab does so in all of them. */
function followOtherTabs(): void {
  const userId = readSetting('user');
  if (session.value.kind === 'in') {
    if (session.value.userId === userId) return;
    const { messenger } = session.value;
    end(messenger, false);
    void messenger.close();
  }
  if (userId !== undefined) start(userId);
}

onSetting((name) => {
  if (name === 'user') followOtherTabs();
});
