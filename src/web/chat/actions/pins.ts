import { useEffect, useState } from 'preact/hooks';
import type { Message } from '../../../client/index.ts';
import { useMessenger } from '../../app/slices.ts';

/** The pinned messages of a chat, the newest pin first, now and after every change. */
export function usePins(chatId: string): readonly Message[] {
  const messenger = useMessenger();
  const [pins, setPins] = useState<readonly Message[]>([]);
  useEffect(() => {
    let shown: readonly Message[] = [];
    let asked = 0;
    const read = async (): Promise<void> => {
      const ask = ++asked;
      const rows = await messenger.chat(chatId).listPins();
      if (ask !== asked) return;
      shown = rows;
      setPins(rows);
    };
    // Those that were shown stay until they can be read.
    const update = (): void => void read().catch(() => undefined);
    const offChange = messenger.on('message_changed', ({ message }) => {
      if (message.chat_id !== chatId) return;
      const known = shown.find(({ seq }) => seq === message.seq);
      if (known?.pinned_at !== message.pinned_at || known?.edited_at !== message.edited_at) update();
    });
    // What changed in a break was not told one by one.
    const offState = messenger.on('state', ({ state }) => state === 'online' && update());
    update();
    return () => {
      asked = Number.NaN;
      offChange();
      offState();
    };
  }, [messenger, chatId]);
  return pins;
}
