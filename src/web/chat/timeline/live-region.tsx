import { useEffect, useState } from 'preact/hooks';
import { toName } from '../../app/names.ts';
import { useMessenger } from '../../app/slices.ts';
import { countEn, countRu, defineTexts } from '../../texts/texts.ts';

const texts = defineTexts({
  en: {
    said: (name: string, text: string) => `${name}: ${text}`,
    more: (n: number) => countEn(n, 'new message', 'new messages'),
  },
  ru: {
    said: (name: string, text: string) => `${name}: ${text}`,
    more: (n: number) => countRu(n, 'новое сообщение', 'новых сообщения', 'новых сообщений'),
  },
});

const gatherMs = 500;

/** Says what others write. Many messages at once are only counted. */
export function LiveRegion({ chatId, ownId }: { chatId: string; ownId: string }) {
  const messenger = useMessenger();
  const [said, setSaid] = useState('');
  useEffect(() => {
    let count = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const off = messenger.on('message', ({ message: { chat_id, sender_id, text } }) => {
      if (chat_id !== chatId || sender_id === ownId) return;
      count++;
      timer ??= setTimeout(() => {
        const name = toName(messenger.store.get(`person:${sender_id}`));
        setSaid(count === 1 ? texts().said(name, text) : texts().more(count));
        [count, timer] = [0, undefined];
      }, gatherMs);
    });
    return () => {
      off();
      clearTimeout(timer);
    };
  }, [messenger, chatId, ownId]);
  return (
    <p class="unseen" aria-live="polite">
      {said}
    </p>
  );
}
