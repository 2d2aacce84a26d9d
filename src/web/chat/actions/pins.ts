import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Message } from '../../../client/index.ts';
import { useMessenger, useSlice } from '../../app/slices.ts';

const isPinned = (message: Message): message is Message & { pinned_at: string } =>
  message.pinned_at !== undefined && message.deleted_at === undefined;

/** The pinned messages of a chat, the newest pin first, now and after every change; until they are read, those that are held. */
export function usePins(chatId: string): readonly Message[] {
  const messenger = useMessenger();
  const [pins, setPins] = useState<readonly Message[]>();
  const { rows: held } = useSlice(`messages:${chatId}`);
  useEffect(() => {
    let shown: readonly Message[] = [];
    let asked = 0;
    const show = (rows: readonly Message[]): void => {
      shown = rows;
      setPins(rows);
    };
    const read = async (): Promise<void> => {
      const ask = ++asked;
      const rows = await messenger.chat(chatId).listPins();
      if (ask === asked) show(rows);
    };
    // Those that were shown stay until they can be read.
    const update = (): void => void read().catch(() => undefined);
    const offChange = messenger.on('message_changed', ({ message }) => {
      if (message.chat_id !== chatId) return;
      const known = shown.find(({ seq }) => seq === message.seq);
      if (known) show(shown.map((one) => (one === known ? message : one)).filter(isPinned));
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
  const heldPins = useMemo(
    () => (pins ? [] : held.filter(isPinned).toSorted((a, b) => (a.pinned_at < b.pinned_at ? 1 : -1))),
    [held, pins],
  );
  return pins ?? heldPins;
}
