import { WebSocket } from 'ws';
import {
  connect,
  type MessengerError,
  type ConnectOptions,
  type Messenger,
  type StoreView,
} from '../../../src/client/index.ts';
import type { Actor } from '../../support/cast.ts';
import { checkFrames } from '../../support/check-frames.ts';

const patienceMs = 40_000;

/** A messenger of the SDK that checks every frame against the contract; what nobody awaited is in `errors`. */
export interface TestClient extends AsyncDisposable {
  messenger: Messenger;
  errors: MessengerError[];
}

/** The SDK as a test uses it: over this address, as this person, by default with a password. */
export function openClient(
  url: string,
  actor: Pick<Actor, 'email' | 'password'>,
  options: Partial<ConnectOptions> = {},
): TestClient {
  const errors: MessengerError[] = [];
  const messenger = connect({
    url,
    auth: { identifier: actor.email, password: actor.password },
    WebSocket,
    random: () => 0.1,
    onError: (error) => errors.push(error),
    ...options,
  });
  checkFrames(messenger, (error) => errors.push(error));
  return { messenger, errors, [Symbol.asyncDispose]: () => messenger.close() };
}

/** Waits until what is looked for is there, looking again at every change of the store and every 50 ms. */
export async function until<T>(store: StoreView, what: string, find: () => T): Promise<NonNullable<T>> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const found = find();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`${what} did not happen in ${patienceMs} ms`);
    await new Promise<void>((resolve) => {
      const off = store.subscribe('chats', done);
      const timer = setTimeout(done, 50);
      function done(): void {
        clearTimeout(timer);
        off();
        resolve();
      }
    });
  }
}

/** The texts of the messages that are held of a chat. */
export const textsOf = (messenger: Messenger, chatId: string): string[] =>
  messenger.chat(chatId).messages.rows.map((row) => row.text);
