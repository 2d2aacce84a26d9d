/** What people do for themselves, and what is told and not kept. */
import type { Operation } from './operations.ts';
import { pickMessage, pickPlace, type Place, type Scene } from './scene.ts';

const inSomeChat =
  (act: (scene: Scene, place: Place) => Promise<unknown>) =>
  (scene: Scene): Promise<unknown> | undefined => {
    const place = pickPlace(scene);
    return place && act(scene, place);
  };

const markRead = (scene: Scene, place: Place): Promise<unknown> => {
  const seq = scene.random.chance(0.6) ? undefined : pickMessage(scene, place)?.seq;
  return scene.phone.try(`marks ${seq ?? 'all'} as read`, place.chat.id, () => place.chat.markRead(seq));
};

const markUnread = ({ phone, random }: Scene, { chat }: Place): Promise<unknown> => {
  const on = random.chance(0.7);
  return phone.try(`marks it as ${on ? '' : 'not '}unread`, chat.id, () => chat.markUnread(on));
};

const draft = async (scene: Scene, place: Place): Promise<void> => {
  const { phone, random, intents } = scene;
  const text = random.chance(0.3) ? null : `draft ${random.below(1e6)}`;
  const reply = text !== null && random.chance(0.3) ? pickMessage(scene, place)?.seq : undefined;
  const settle = intents.registers.begin(`draft ${place.chat.id} ${phone.person.id}`, text);
  const value = text === null ? null : { text, ...(reply !== undefined && { reply_to: reply }) };
  settle(await phone.try(`drafts ${text}`, place.chat.id, () => place.chat.setDraft(value)));
};

const setOwn = async ({ phone, random, intents }: Scene, { chat }: Place): Promise<void> => {
  const [key, value] = random.pick([
    ['mutedUntil', random.pick(['forever', null, '2100-01-01T00:00:00Z'])],
    ['archived', random.chance(0.5)],
    ['pinned', random.chance(0.5)],
  ] as const)!;
  const settle = intents.registers.begin(`${key} ${chat.id} ${phone.person.id}`, value);
  settle(await phone.try(`sets ${key} ${value}`, chat.id, () => chat.updateOwn({ [key]: value })));
};

const typing = ({ phone }: Scene, { chat }: Place): Promise<unknown> =>
  phone.try('types', chat.id, () => chat.typing());

const watch = ({ phone, random, people }: Scene): Promise<unknown> => {
  const ids = random.some(people, 2).map(({ id }) => id);
  return phone.try('watches two', undefined, () => phone.client.watch(ids));
};

const readPeople = ({ phone, random, people }: Scene): Promise<unknown> => {
  const ids = random.some(people, 2).map(({ id }) => id);
  return phone.try('reads two people', undefined, () => phone.client.getUsers(ids));
};

export const ownOperations: Operation[] = [
  { name: 'mark read', weight: 8, act: inSomeChat(markRead) },
  {
    name: 'mark delivered',
    weight: 1,
    act: inSomeChat(({ phone }, { chat }) => phone.try('marks delivered', chat.id, () => chat.markDelivered())),
  },
  { name: 'mark unread', weight: 2, act: inSomeChat(markUnread) },
  { name: 'draft', weight: 4, act: inSomeChat(draft) },
  { name: 'set own', weight: 3, act: inSomeChat(setOwn) },
  { name: 'typing', weight: 3, act: inSomeChat(typing) },
  { name: 'watch', weight: 1, act: watch },
  { name: 'read people', weight: 1, act: readPeople },
  {
    name: 'list chats',
    weight: 1,
    act: ({ phone }) => phone.try('lists chats', undefined, () => phone.client.listChats({ limit: 20 })),
  },
  {
    name: 'ask over HTTP',
    weight: 1,
    act: ({ phone }) =>
      phone.try('asks for the list over HTTP', undefined, () =>
        phone.client.request({ method: 'GET', path: '/api/v1/chats?limit=5' }),
      ),
  },
];
