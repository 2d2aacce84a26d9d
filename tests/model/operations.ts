/** What people do. Each operation answers what it is about, or undefined where it finds nothing to do. */
import { randomUUID } from 'node:crypto';
import type { Content } from '../../src/client/index.ts';
import { groupOperations } from './group-operations.ts';
import { ownOperations } from './own-operations.ts';
import { pickMessage, pickPlace, placeOf, type Place, type Scene } from './scene.ts';

export interface Operation {
  name: string;
  /** How often it is done, against the others. */
  weight: number;
  /** Undefined: there is nothing to do it with. */
  act: (scene: Scene) => Promise<unknown> | undefined;
}

const emoji = ['👍', '❤️', '😂', '🎉', '😮', '🙏🏽'];

/** A text with everything that makes trouble: more code units than code points, right to left, quotes, lines. */
const words = ['да', 'нет', 'ok', '👩‍👩‍👧', 'שלום', '"quoted"', 'a\nline', '\\', '𝒳', 'конечно', '<b>', 'later'];

let written = 0;
/** No two are the same. */
const someText = ({ random, phone }: Scene): string =>
  `${phone.name} ${++written} ${random.some(words, random.between(0, 4)).join(' ')}`;

function someContent(scene: Scene, place: Place): Content {
  const { random, people } = scene;
  const text = someText(scene);
  const reply = random.chance(0.15) ? pickMessage(scene, place) : undefined;
  const named = random.chance(0.2) ? random.pick(people) : undefined;
  return {
    text,
    ...(reply && { replyTo: reply.seq }),
    ...(named && { mentions: [{ user_id: named.id, offset: 0, length: random.between(1, 4) }] }),
  };
}

function sendTo({ phone, intents, journal }: Scene, { chat }: Place, content: Content): void {
  const clientId = randomUUID();
  intents.send({ clientId, phone: phone.name, userId: phone.person.id, chatId: chat.id, text: content.text });
  phone.order.push(clientId);
  journal.note(`${phone.name} sends ${clientId.slice(0, 8)}`, chat.id);
  chat.send({ ...content, clientId }).stored.catch(() => undefined);
}

const send = (scene: Scene): Promise<unknown> | undefined => {
  const place = pickPlace(scene);
  if (!place) return undefined;
  const burst = scene.random.chance(0.15) ? scene.random.between(2, 6) : 1;
  for (let i = 0; i < burst; i++) sendTo(scene, place, someContent(scene, place));
  return Promise.resolve();
};

const forward = (scene: Scene): Promise<unknown> | undefined => {
  const [from, to] = [pickPlace(scene), pickPlace(scene)];
  const message = from && pickMessage(scene, from, ({ deleted_at: deletedAt }) => deletedAt === undefined);
  if (!message || !to) return undefined;
  sendTo(scene, to, { forward: { chatId: message.chat_id, seq: message.seq } });
  return Promise.resolve();
};

const edit = (scene: Scene): Promise<unknown> | undefined => {
  const place = pickPlace(scene);
  const isOwn = place && pickMessage(scene, place, ({ sender_id: id }) => id === scene.phone.person.id);
  if (!isOwn) return undefined;
  const text = someText(scene);
  scene.intents.edit(placeOf(place.chat.id, isOwn.seq), text);
  return scene.phone.try(`edits ${isOwn.seq}`, place.chat.id, () => place.chat.edit(isOwn.seq, text));
};

const remove = async (scene: Scene, place: Place, seq: number): Promise<void> => {
  const outcome = await scene.phone.try(`deletes ${seq}`, place.chat.id, () => place.chat.delete(seq));
  if (outcome === 'done') scene.intents.deleted.add(placeOf(place.chat.id, seq));
};

const react = async (scene: Scene, place: Place, seq: number): Promise<void> => {
  const [face, on] = [scene.random.pick(emoji)!, scene.random.chance(0.7)];
  const settle = scene.intents.registers.begin(`reaction ${place.chat.id} ${seq} ${scene.phone.person.id} ${face}`, on);
  const what = `${on ? 'gives' : 'takes back'} ${face} at ${seq}`;
  settle(await scene.phone.try(what, place.chat.id, () => place.chat.react(seq, face, on)));
};

/** Does something with a message of a chat, if there is one. */
const withMessage =
  (act: (scene: Scene, place: Place, seq: number) => Promise<unknown>) =>
  (scene: Scene): Promise<unknown> | undefined => {
    const place = pickPlace(scene);
    const message = place && pickMessage(scene, place);
    return message && act(scene, place, message.seq);
  };

const pin = ({ phone, random }: Scene, { chat }: Place, seq: number): Promise<unknown> => {
  const on = random.chance(0.6);
  return phone.try(`${on ? 'pins' : 'unpins'} ${seq}`, chat.id, () => chat.pin(seq, on));
};

const readHistory = ({ phone, random }: Scene, { chat }: Place, seq: number): Promise<unknown> => {
  const limit = random.between(1, 30);
  const where = random.pick([{ before: seq }, { after: seq }, { around: seq }, { before: 'end' as const }])!;
  return phone.try(`reads history ${JSON.stringify(where)}`, chat.id, async () => {
    const { rows } = await chat.history({ ...where, limit });
    const wrong = rows.find((row, i) => i > 0 && row.seq !== rows[i - 1]!.seq + 1);
    if (wrong) phone.breaches.push(`${phone.name} got a page with a hole before ${wrong.seq} of ${chat.id}`);
  });
};

const open = (scene: Scene): Promise<unknown> | undefined => {
  const { phone } = scene;
  const place = pickPlace(scene, (view) => !view.open);
  if (!place) return undefined;
  const observer = phone.observer;
  return phone.try('opens it', place.chat.id, async () => {
    await place.chat.open();
    if (phone.observer === observer && place.chat.view?.open === true) observer.opened(place.chat.id);
  });
};

const close = (scene: Scene): Promise<unknown> | undefined => {
  const place = pickPlace(scene, ({ open: isOpen, id }) => isOpen && id !== scene.lastingChatId);
  if (!place) return undefined;
  scene.phone.observer.closed(place.chat.id);
  place.chat.close();
  return scene.phone.try('closes it', place.chat.id, () => undefined);
};

const look = (name: 'get' | 'listPins') => (scene: Scene) => {
  const place = pickPlace(scene);
  return place && scene.phone.try(name, place.chat.id, () => place.chat[name]());
};

const messageOperations: Operation[] = [
  { name: 'send', weight: 34, act: send },
  { name: 'forward', weight: 2, act: forward },
  { name: 'edit', weight: 8, act: edit },
  { name: 'delete', weight: 3, act: withMessage(remove) },
  { name: 'react', weight: 10, act: withMessage(react) },
  { name: 'pin', weight: 3, act: withMessage(pin) },
  { name: 'history', weight: 4, act: withMessage(readHistory) },
  {
    name: 'list edits',
    weight: 1,
    act: withMessage(({ phone }, { chat }, seq) => phone.try(`listEdits ${seq}`, chat.id, () => chat.listEdits(seq))),
  },
  { name: 'list pins', weight: 1, act: look('listPins') },
  { name: 'get chat', weight: 1, act: look('get') },
  { name: 'open', weight: 3, act: open },
  { name: 'close', weight: 1, act: close },
];

export const operations: Operation[] = [...messageOperations, ...ownOperations, ...groupOperations];
