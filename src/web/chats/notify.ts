/** Notifications of the desktop about new messages, for who wants them. */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Message, Messenger } from '../../client/index.ts';
import { toChatFace } from '../app/names.ts';
import { go, paths, route } from '../app/router.ts';
import { onSetting, readSetting, writeSetting } from '../app/settings.ts';
import { useMessenger } from '../app/slices.ts';
import { defineTexts } from '../texts/texts.ts';
import { isMuted } from './arrange.ts';
import { ownId } from './own-id.ts';
import { toPlainLine } from '../chat/text/plain-line.ts';
import { toFirstName } from './first-name.ts';

const texts = defineTexts({ en: { message: 'New message' }, ru: { message: 'Новое сообщение' } });

const readWanted = (): boolean => readSetting('notify') === 'on';
/** What they need; pages without https have neither. */
export const isPossible = 'Notification' in globalThis && 'locks' in navigator;
const isAllowed = (): boolean => isPossible && Notification.permission === 'granted';

/** Somebody asked for them on this device. */
export const isWanted = signal(readWanted());
/** The browser has been told never to show them. */
export const isRefused = signal(isPossible && Notification.permission === 'denied');

onSetting((name) => {
  if (name === 'notify') isWanted.value = readWanted();
});

/** Who looks over one's shoulder may read it. */
export const isTextShown = (): boolean => readSetting('notifyText') !== 'off';

/** The browser is asked only when they are switched on. */
export async function chooseNotifications(on: boolean): Promise<void> {
  const permission = on ? await Notification.requestPermission() : undefined;
  isRefused.value = isPossible && Notification.permission === 'denied';
  isWanted.value = permission === 'granted';
  writeSetting('notify', isWanted.value ? 'on' : undefined);
}

const toLockName = (userId: string, chatId: string): string => `messenger:looking:${userId}:${chatId}`;

/** As long as a chat is on screen, all tabs know it by a lock. */
function useLook(userId: string | undefined): void {
  const chatId = route.value.screen === 'chat' ? route.value.chatId : undefined;
  useEffect(() => {
    if (userId === undefined || chatId === undefined || !isPossible) return undefined;
    let release: (() => void) | undefined;
    const look = (): void => {
      release?.();
      release = undefined;
      if (document.visibilityState !== 'visible') return;
      const held = new Promise<void>((resolve) => (release = resolve));
      void navigator.locks.request(toLockName(userId, chatId), { mode: 'shared' }, () => held);
    };
    look();
    document.addEventListener('visibilitychange', look);
    return () => {
      document.removeEventListener('visibilitychange', look);
      release?.();
    };
  }, [userId, chatId]);
}

async function isLookedAt(userId: string, chatId: string): Promise<boolean> {
  const { held = [] } = await navigator.locks.query();
  return held.some(({ name }) => name === toLockName(userId, chatId));
}

/** Shows a message, unless nobody wants to be told of it. */
async function notify(messenger: Messenger, message: Message): Promise<void> {
  const { store, user } = messenger;
  const { chat_id: chatId, sender_id: senderId } = message;
  if (!user || senderId === user.id || !isWanted.value || !isAllowed()) return;
  if (!store.get(`person:${senderId}`)) await messenger.getUsers([senderId]);
  const chat = store.get(`chat:${chatId}`);
  if (!chat || isMuted(chat) || (await isLookedAt(user.id, chatId))) return;
  const { name, src } = toChatFace(chat, user.id, store);
  const text = isTextShown() ? toPlainLine(message.text) : texts().message;
  const sender = toFirstName(store.get(`person:${senderId}`)?.name ?? '');
  const shown = new Notification(name, {
    body: chat.type === 'group' ? `${sender}: ${text}` : text,
    tag: `messenger:${chatId}`,
    ...(src !== null && { icon: src }),
  });
  shown.addEventListener('click', () => {
    window.focus();
    go(paths.chat(chatId));
    shown.close();
  });
}

/** Tells of new messages. Of several tabs only the first one does. */
export function useNotifications(): void {
  const messenger = useMessenger();
  useLook(ownId());
  useEffect(() => {
    if (!isPossible) return undefined;
    const end = new AbortController();
    const lead = (): Promise<void> =>
      new Promise((resolve) => {
        const off = messenger.on('message', ({ message }) => void notify(messenger, message).catch(() => undefined));
        end.signal.addEventListener('abort', () => {
          off();
          resolve();
        });
      });
    navigator.locks.request('messenger:notifications', { signal: end.signal }, lead).catch(() => undefined);
    return () => end.abort();
  }, [messenger]);
}
