import { WebSocket } from 'ws';
import { connect, memoryStorage, MessengerError, type Messenger, type Storage } from '../../src/client/index.ts';
import { Complaint, exitCodes } from './complaint.ts';
import type { Look } from './look.ts';
import { openStateFile, StateInUse, type StateFile } from './state-file.ts';

export interface LoginOptions {
  /** Of the server, as it was typed. */
  url: string;
  identifier: string;
  device: string;
  stateFolder: string;
  password: string | undefined;
  t: Look['t'];
  /** Asks somebody; undefined where nobody answers. */
  askSecret: (question: string) => Promise<string | undefined>;
  /** What was kept works no more: a password is needed. */
  isAnew: boolean;
  /** Nothing is marked as delivered: nobody has seen it. */
  readsOnly?: boolean;
  /** How long a request waits; by default what the SDK takes. */
  requestTimeoutMs?: number;
  /** What waits to be sent survives this process. */
  keepsOutbox: boolean;
  onError: (error: MessengerError) => void;
}

/** A person at a server. */
export interface Login extends AsyncDisposable {
  readonly messenger: Messenger;
  readonly identifier: string;
  readonly url: string;
  /** Forgets the login. */
  forget(): Promise<void>;
}

/** The server's address, `ws` for `http` being fine too. @throws Complaint */
export function toServerUrl(typed: string, t: Look['t']): string {
  const text = typed.replace(/^ws(s?):/i, 'http$1:');
  const withScheme = /^[\w.-]+(:\d+)?(\/|$)/.test(text) && !text.includes('://') ? `http://${text}` : text;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === '' || url.username !== '')
    throw new Complaint(t.wrongUrl(typed), exitCodes.usage);
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/** Keeps who one is, and nothing else: what an earlier run could not send is not sent by surprise. */
function toSessionOnly(storage: Storage): Storage {
  const passing = memoryStorage();
  const choose = (key: string): Storage => (key.endsWith(':session') ? storage : passing);
  return {
    get: (key) => choose(key).get(key),
    set: (key, value) => choose(key).set(key, value),
    delete: (key) => choose(key).delete(key),
  };
}

async function openState(options: LoginOptions, url: string): Promise<StateFile> {
  const { stateFolder: folder, identifier, device, t } = options;
  try {
    return await openStateFile({ folder, url, identifier, device });
  } catch (error) {
    if (error instanceof StateInUse) throw new Complaint(t.stateInUse(error.pid));
    throw error;
  }
}

/**
 * Starts to connect: with what an earlier run has kept, else with the password, which is asked for where it is not given.
 * @throws Complaint when there is no password, the address is none or the state is in use.
 */
export async function openLogin(options: LoginOptions): Promise<Login> {
  const { identifier, t, password: given, keepsOutbox, onError } = options;
  const url = toServerUrl(options.url, t);
  const state = await openState(options, url);
  try {
    const hasLogin = !state.isEmpty && !options.isAnew;
    const password = given ?? (hasLogin ? undefined : await options.askSecret(t.askPassword(identifier)));
    if (password === undefined && !hasLogin) throw new Complaint(t.needsPassword, exitCodes.usage);
    const messenger = connect({
      url,
      auth: password === undefined ? { stored: true } : { identifier, password },
      WebSocket,
      storage: keepsOutbox ? state.storage : toSessionOnly(state.storage),
      onError,
      markDelivered: !options.readsOnly,
      ...(options.requestTimeoutMs === undefined ? {} : { requestTimeoutMs: options.requestTimeoutMs }),
    });
    return {
      messenger,
      identifier,
      url,
      forget: () => state.forget(),
      async [Symbol.asyncDispose]() {
        await messenger.close();
        await state[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await state[Symbol.asyncDispose]();
    throw error;
  }
}

/** Whether the kept login works no more, so that a password has to be asked for. */
export const needsPassword = (error: unknown): boolean =>
  error instanceof MessengerError && (error.code === 'not_authenticated' || error.code === 'session_revoked');
