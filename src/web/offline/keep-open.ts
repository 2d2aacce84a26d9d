import type { ChatHandle, Messenger, MessengerError } from '../../client/index.ts';
import { toError } from '../app/api.ts';

const codesOfTheConnection: readonly MessengerError['code'][] = ['offline', 'connection_lost', 'timeout', 'stopped'];

/** Who wanted a chat last. */
const holders = new WeakMap<ChatHandle, symbol>();

/**
 * Keeps a chat with its messages until the returned function is called: `open` gives up when there is no connection for a
 * while, this does not. `onError`: it cannot be read, whatever the connection.
 */
export function keepOpen(messenger: Messenger, chatId: string, onError: (error: MessengerError) => void): () => void {
  const chat = messenger.chat(chatId);
  const holder = Symbol(chatId);
  holders.set(chat, holder);
  let isOver = false;
  let isOpening = false;
  let isWanted = true;
  const open = async (): Promise<void> => {
    if (isOpening || !isWanted) return;
    isOpening = true;
    try {
      await chat.open();
      isWanted = false;
    } catch (thrown) {
      const error = toError(thrown);
      isWanted = codesOfTheConnection.includes(error.code);
      if (!isWanted && !isOver) onError(error);
    } finally {
      isOpening = false;
    }
    // What was closed while it was being opened is open now.
    if (isOver && holders.get(chat) === holder) chat.close();
  };
  const off = messenger.on('state', ({ state }) => (state === 'online' ? void open() : undefined));
  void open();
  return () => {
    isOver = true;
    isWanted = false;
    off();
    chat.close();
  };
}
