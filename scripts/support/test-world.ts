import type { Dataset } from './dataset.ts';

/** Everybody's password in the test data. */
export const testPassword = 'password123';

/** Ids that stay, so that loading it again finds it there. */
const people = {
  Alice: 'a1a60001-0000-5000-8000-000000000001',
  Bob: 'a1a60001-0000-5000-8000-000000000002',
  Charlie: 'a1a60001-0000-5000-8000-000000000003',
  David: 'a1a60001-0000-5000-8000-000000000004',
} as const;
type Name = keyof typeof people;

const personal = 'a1a60002-0000-5000-8000-000000000001';
const group = { chatId: 'a1a60002-0000-5000-8000-000000000002', id: 'a1a60003-0000-5000-8000-000000000001' };

export const testNames = Object.keys(people) as Name[];
export const testGroupName = 'Группа 1';

const said: readonly [chatId: string, sender: Name, text: string][] = [
  [personal, 'Alice', 'Привет, Bob! Как дела?'],
  [personal, 'Bob', 'Привет, Alice! Всё отлично, спасибо.'],
  [group.chatId, 'Alice', 'Добро пожаловать в группу!'],
  [group.chatId, 'Bob', 'Спасибо, рада быть здесь.'],
  [group.chatId, 'Charlie', 'Привет всем!'],
];

/** Four people, a chat of two and a group of all; a message a minute, the last one at `nowMs`. */
export const createTestWorld = (nowMs: number): Dataset => ({
  users: testNames.map((name) => ({
    id: people[name],
    name,
    email: `${name.toLowerCase()}@example.com`,
    password: testPassword,
  })),
  chats: [
    { id: personal, name: 'Чат Alice и Bob', type: 0 },
    { id: group.chatId, name: testGroupName, type: 1 },
  ],
  chat_members: [
    { chat_id: personal, user_id: people.Alice },
    { chat_id: personal, user_id: people.Bob },
    ...testNames.map((name) => ({ chat_id: group.chatId, user_id: people[name] })),
  ],
  groups: [{ id: group.id, chat_id: group.chatId, name: testGroupName, creator_id: people.Alice }],
  user_group: testNames.map((name) => ({ group_id: group.id, user_id: people[name] })),
  messages: said.map(([chat_id, sender, text], i) => ({
    id: `a1a60004-0000-5000-8000-00000000000${i + 1}`,
    chat_id,
    sender_id: people[sender],
    timestamp: new Date(nowMs - (said.length - 1 - i) * 60_000).toISOString(),
    seen: false,
    text,
  })),
  message_seen_status: [],
});
