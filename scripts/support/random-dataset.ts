import { faker, type Faker } from '@faker-js/faker';
import type { ArrayName, DatasetRecord } from './dataset.ts';

export interface RandomDatasetOptions {
  /** At least 2. */
  users: number;
  /** At least 1. */
  chats: number;
  messages: number;
  /** The same seed gives the same data. */
  seed: number;
}

/** One record after another, array by array, as a data file has them. */
export type DatasetPart = { [A in ArrayName]: { array: A; record: DatasetRecord<A> } }[ArrayName];

/** Fixed, so that a seed decides everything. */
const firstMessageAt = Date.UTC(2025, 0, 1);
const maxMembers = 12;
/** Only the newest messages are still unread by somebody; who read those is kept in memory until it is written. */
const maxUnread = 5_000;

interface Chat {
  id: string;
  name: string;
  type: 0 | 1;
  members: string[];
  groupId: string | undefined;
}

/**
 * Coherent random data: members exist, senders and readers are members, creators are members, no two personal chats have
 * the same pair. Personal chats and groups take turns. Memory is bounded by people and chats, not by messages.
 */
export function* generateDataset({
  users,
  chats: chatCount,
  messages,
  seed,
}: RandomDatasetOptions): Generator<DatasetPart> {
  faker.seed(seed);
  const people: string[] = [];
  for (let i = 0; i < users; i++) {
    const user = randomUser(faker, i);
    people.push(user.id);
    yield { array: 'users', record: user };
  }
  const chats = randomChats(faker, people, chatCount);
  for (const { id, name, type } of chats) yield { array: 'chats', record: { name, id, type } };
  for (const chat of chats)
    for (const user_id of chat.members) yield { array: 'chat_members', record: { user_id, chat_id: chat.id } };
  const groups = chats.filter((chat) => chat.groupId !== undefined) as (Chat & { groupId: string })[];
  for (const chat of groups) {
    const record = { name: chat.name, id: chat.groupId, creator_id: chat.members[0]!, chat_id: chat.id };
    yield { array: 'groups', record };
  }
  for (const { groupId, members } of groups)
    for (const user_id of members) yield { array: 'user_group', record: { user_id, group_id: groupId } };
  yield* generateMessages(faker, chats, messages);
}

function* generateMessages(random: Faker, chats: Chat[], count: number): Generator<DatasetPart> {
  const unread = Math.min(maxUnread, Math.ceil(count / 10));
  const statuses: DatasetRecord<'message_seen_status'>[] = [];
  let at = firstMessageAt;
  for (let i = 0; i < count; i++) {
    const chat = random.helpers.arrayElement(chats);
    const id = random.string.uuid();
    const sender_id = random.helpers.arrayElement(chat.members);
    at += random.number.int({ min: 1, max: 20 }) * 1_000;
    const timestamp = `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')}+00:00`;
    const seen = i < count - unread;
    const text = random.lorem.sentence({ min: 2, max: 14 });
    yield { array: 'messages', record: { id, sender_id, chat_id: chat.id, timestamp, seen, text } };
    if (!seen) statuses.push(...randomReaders(random, chat, sender_id).map((user_id) => ({ message_id: id, user_id })));
  }
  for (const record of statuses) yield { array: 'message_seen_status', record };
}

/** The sender and some others, never all: a message that all have read is `seen`. */
const randomReaders = (random: Faker, chat: Chat, sender: string): string[] => {
  const others = chat.members.filter((member) => member !== sender);
  return [sender, ...random.helpers.arrayElements(others, { min: 0, max: others.length - 1 })];
};

const randomUser = (random: Faker, index: number): DatasetRecord<'users'> => {
  const firstName = random.person.firstName();
  const lastName = random.person.lastName();
  const local = `${firstName}.${lastName}`.toLowerCase().replaceAll(/[^a-z.]/g, '');
  const email = `${local}${index}@${random.helpers.arrayElement(['example.com', 'example.net', 'example.org'])}`;
  return {
    email,
    name: `${firstName} ${lastName}`,
    password: random.internet.password({ length: 10 }),
    id: random.string.uuid(),
  };
};

/** Takes so many random pairs that are taken already before the chat becomes a group instead. */
const pairTries = 20;

const randomChats = (random: Faker, people: string[], count: number): Chat[] => {
  const pairs = new Set<string>();
  const findFreePair = (): string[] | undefined => {
    for (let tries = 0; tries < pairTries; tries++) {
      const pair = random.helpers.arrayElements(people, 2);
      const key = pair.toSorted().join(':');
      if (pairs.has(key)) continue;
      pairs.add(key);
      return pair;
    }
    return undefined;
  };
  return Array.from({ length: count }, (_, i): Chat => {
    const id = random.string.uuid();
    const name = `${random.word.noun()}.`.replace(/^./, (letter) => letter.toUpperCase());
    const pair = i % 2 === 0 ? findFreePair() : undefined;
    if (pair !== undefined) return { id, name, type: 0, members: pair, groupId: undefined };
    const members = random.helpers.arrayElements(people, { min: 2, max: Math.min(maxMembers, people.length) });
    return { id, name, type: 1, members, groupId: random.string.uuid() };
  });
};
