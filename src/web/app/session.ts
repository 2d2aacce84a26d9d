/** Who has logged in on this device, and the messenger that speaks for them. */
import { signal } from '@preact/signals';
import { connect, type HttpRequest, type Messenger } from '../../client/index.ts';
import { openLocal } from '../offline/local.ts';
import { call, toError } from './api.ts';
import { onSetting, readSetting, writeSetting } from './settings.ts';

export type SessionState =
  /** `ended`: there was a session, and it was ended elsewhere. */
  { kind: 'out'; ended: boolean } | { kind: 'in'; userId: string; messenger: Messenger };

/** The session of this moment. */
export const session = signal<SessionState>({ kind: 'out', ended: false });

/** The browser holds the tokens in cookies that no script can read; this only remembers that there are some, and whose. */
const remember = (userId: string | undefined): void => writeSetting('user', userId);

/** Whose session ends because they asked for it here. */
let leaving: Messenger | undefined;

/** Goes on with the session of an earlier visit, if there is one. Nothing is waited for: what is known is shown at once. */
export function resumeSession(): void {
  follow();
  onSetting((name) => {
    if (name === 'user') follow();
  });
}

/** Who logs in or out in one tab does so in all of them: they share the cookies. */
function follow(): void {
  const userId = readSetting('user');
  const before = session.value;
  if (before.kind === 'in') {
    if (before.userId === userId) return;
    end(before.messenger, false);
    void before.messenger.close();
  }
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
  messenger.on('session_ended', () => end(messenger, leaving !== messenger));
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

/** Makes an account. Errors: `MessengerError`. */
export async function register(registration: Registration): Promise<void> {
  await call({ method: 'POST', path: '/api/v1/auth/register', body: registration });
}

/** Ends the session on the server and here. Errors: those of the request; here it has ended all the same. */
export async function logOut(): Promise<void> {
  if (session.value.kind !== 'in') return;
  const { messenger } = session.value;
  leaving = messenger;
  remember(undefined);
  try {
    await messenger.logOut();
  } catch (error) {
    throw toError(error);
  } finally {
    end(messenger, false);
  }
}

/** Does what ends every session on the server, and forgets the one here. Errors: those of `request`; then nothing has ended. */
export async function leaveBy(request: HttpRequest): Promise<void> {
  if (session.value.kind !== 'in') return;
  const { messenger } = session.value;
  leaving = messenger;
  try {
    await messenger.request(request);
  } catch (error) {
    leaving = undefined;
    throw toError(error);
  }
  // There is no session to end any more: this forgets what is stored of it.
  await logOut().catch(() => undefined);
}
