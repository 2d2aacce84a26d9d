/** What clients hold against what is stored. */
import type { ChatView, Message, OwnState } from '../../src/client/index.ts';
import type { Phone } from './phone.ts';
import type { Floors, TrueChat, Truth } from './truth.ts';

/** `slow`: of what may be lost on the way and is read anew at the next login. */
export interface Difference {
  sentence: string;
  kind: 'durable' | 'live';
  phone: Phone;
}

/** JSON with its keys in order and without what is absent. */
function toCanonical(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    one !== null && typeof one === 'object' && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}

const canonical = new WeakMap<object, string>();

/** Of objects that never change. */
function canonicalOf(value: object): string {
  let text = canonical.get(value);
  if (text === undefined) canonical.set(value, (text = toCanonical(value)));
  return text;
}

/** From which message on clients hold any, by chat. */
export function findFloors(phones: readonly Phone[]): Floors {
  const floors: Floors = new Map();
  for (const phone of phones)
    for (const { id } of phone.chats) {
      const first = phone.client.store.get(`messages:${id}`).rows[0]?.seq;
      const known = floors.get(id);
      if (first !== undefined && (known === undefined || first < known)) floors.set(id, first);
    }
  return floors;
}

/** All differences between what a phone holds and what is stored. */
export function* compare(phone: Phone, truth: Truth): Generator<Difference> {
  const held = new Map(phone.chats.map((chat) => [chat.id, chat]));
  const durable = (sentence: string): Difference => ({ sentence: `${phone.name} ${sentence}`, kind: 'durable', phone });
  for (const chat of truth.values()) {
    const isMember = chat.members.has(phone.person.id);
    const view = held.get(chat.id);
    if (isMember && !view) yield durable(`does not know its chat ${chat.id}`);
    if (isMember && view) yield* compareChat(phone, chat, view);
  }
  for (const chatId of held.keys())
    if (!truth.get(chatId)?.members.has(phone.person.id)) yield durable(`believes to be in ${chatId}`);
  for (const pending of phone.client.store.get('outbox'))
    yield durable(`has not sent ${pending.client_id} (${pending.status}) to ${pending.chat_id}`);
  for (const sentence of phone.observer.listBehind((chatId) => truth.get(chatId)?.lastSeq)) {
    yield { sentence, kind: 'durable', phone };
  }
}

function* compareChat(phone: Phone, chat: TrueChat, view: ChatView): Generator<Difference> {
  const of = `of ${chat.id}`;
  const differ = (what: string, has: unknown, is: unknown, kind: Difference['kind'] = 'durable'): Difference => ({
    sentence: `${phone.name} has ${what} ${toCanonical(has)} and there is ${toCanonical(is)} ${of}`,
    kind,
    phone,
  });
  if (view.version !== chat.version) yield differ('version', view.version, chat.version);
  const [shown, stored] = [shownFields(view), storedFields(chat)];
  if (toCanonical(shown) !== toCanonical(stored)) yield differ('fields', shown, stored);
  if (!view.more_members) {
    const shownRoles = view.members.map(({ user_id: id, role }) => `${id} ${role}`).sort();
    const roles = [...chat.members.values()].map(({ userId, role }) => `${userId} ${role}`).sort();
    if (toCanonical(shownRoles) !== toCanonical(roles)) yield differ('members', shownRoles, roles);
  }
  yield* compareOwn(view.own, chat, phone.person.id, differ);
  // Of a closed chat the row is read, which has none.
  if (view.open) yield* comparePositions(phone, chat, differ);
  yield* compareMessages(phone, chat, view, differ);
}

type Differ = (what: string, has: unknown, is: unknown, kind?: Difference['kind']) => Difference;

const shownFields = ({ type, name, description, group_id }: ChatView) => ({
  type: type === 'personal' ? 'direct' : type,
  name,
  description,
  group_id,
});

const storedFields = ({ type, name, description, groupId }: TrueChat) => ({
  type,
  name,
  description,
  group_id: groupId,
});

/** What a person keeps for themselves is told, not versioned. */
function* compareOwn(shown: OwnState, chat: TrueChat, userId: string, differ: Differ): Generator<Difference> {
  const stored = chat.own.get(userId)!;
  for (const key of Object.keys(stored) as (keyof OwnState)[]) {
    // That of the newest word of it; the chat's own is compared by itself.
    if (key === 'version' || key === 'last_seq') continue;
    if (key === 'read_seq' && isReadAsFar(shown.read_seq, stored.read_seq, chat, userId)) continue;
    if (toCanonical(shown[key]) !== toCanonical(stored[key]))
      yield differ(`own ${key}`, shown[key], stored[key], 'live');
  }
}

/** A chat's row says a position that goes on over one's own messages, the own state says the one that was marked. */
function isReadAsFar(shown: number, stored: number, { messages }: TrueChat, userId: string): boolean {
  for (let seq = stored + 1; seq <= shown; seq++) if ((messages.get(seq)?.sender_id ?? userId) !== userId) return false;
  return shown >= stored;
}

function* comparePositions(phone: Phone, chat: TrueChat, differ: Differ): Generator<Difference> {
  for (const shown of phone.client.store.get(`positions:${chat.id}`)) {
    const stored = chat.members.get(shown.user_id);
    const is = stored && { delivered_seq: stored.deliveredSeq, read_seq: stored.readSeq };
    const has = { delivered_seq: shown.delivered_seq, read_seq: shown.read_seq };
    if (toCanonical(has) !== toCanonical(is ?? null)) yield differ(`position of ${shown.user_id}`, has, is, 'live');
  }
}

function* compareMessages(phone: Phone, chat: TrueChat, view: ChatView, differ: Differ): Generator<Difference> {
  const { rows, pending, atEnd } = phone.client.store.get(`messages:${chat.id}`);
  for (const [i, row] of rows.entries()) {
    if (i > 0 && row.seq !== rows[i - 1]!.seq + 1) yield differ('a hole before message', row.seq, rows[i - 1]!.seq);
    const stored: Message | undefined = chat.messages.get(row.seq);
    if (stored === undefined || canonicalOf(row) !== canonicalOf(stored)) yield differ('message', row, stored);
  }
  if (pending.length > 0) yield differ('pending messages', pending.length, 0);
  const last = rows.at(-1)?.seq ?? 0;
  const { floor } = chat.members.get(phone.person.id)!;
  const newest = chat.lastSeq > floor ? chat.lastSeq : 0;
  // Whoever reads what was long ago holds that instead.
  if (atEnd && last !== newest) yield differ('last message', last, newest);
  if (rows.length > 0 && rows[0]!.seq <= floor) yield differ('first message', rows[0]!.seq, floor + 1);
  const shown = view.last_message;
  const stored = chat.messages.get(chat.lastSeq);
  if (shown && stored && (shown.seq !== stored.seq || shown.text !== stored.text))
    yield differ('newest message', shown, stored);
}
