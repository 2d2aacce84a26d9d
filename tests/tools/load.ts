import { randomUUID } from 'node:crypto';
import type { Dataset } from '../../scripts/support/dataset.ts';
import { loadFile, type LoadOptions, type LoadSummary } from '../../scripts/support/load/load-file.ts';
import { openCredentials } from '../../src/server/accounts/credentials.ts';
import type { Sql } from '../../src/server/db/client.ts';
import { makeFolder } from './files.ts';

/** Cheap hashes; its threads end by themselves. */
export const credentials = openCredentials({ cost: 4 });

export const load = (url: string, file: string, options: Partial<LoadOptions> = {}): Promise<LoadSummary> =>
  loadFile({ url, credentials, file, ...options });

export const loadDataset = async (url: string, dataset: Dataset): Promise<LoadSummary> => {
  await using folder = await makeFolder();
  return await load(url, await folder.write('data.json', dataset));
};

/** Counts of a load that found nothing new. */
export const nothing = { users: 0, chats: 0, messages: 0 };
const tables = ['users', 'chats', 'groups', 'memberships', 'messages', 'message_reads'];

/** All rows that a load may touch. */
export const dump = async (sql: Sql): Promise<unknown> => {
  const rows = await Promise.all(tables.map((table) => sql`select r::text from ${sql(table)} r order by 1`));
  return rows.map((table) => [...table]);
};

export const empty: Dataset = {
  users: [],
  chats: [],
  chat_members: [],
  groups: [],
  user_group: [],
  messages: [],
  message_seen_status: [],
};

/** People in one group, the first of whom made it, and its messages one second apart. */
export const toGroup = (
  people: string[],
  messages: { sender: string; seen?: boolean; readBy?: string[]; text?: string; timestamp?: string }[],
): Dataset => {
  const [chat, group] = [randomUUID(), randomUUID()];
  const stored = messages.map(({ sender, seen = false, text = 'hello', timestamp, readBy = [] }, i) => {
    const at = timestamp ?? new Date(Date.UTC(2025, 0, 1) + i * 1_000).toISOString();
    return { readBy, record: { id: randomUUID(), sender_id: sender, chat_id: chat, timestamp: at, seen, text } };
  });
  return {
    users: people.map((id) => ({ id, name: 'Somebody', email: `${id}@example.com`, password: 'abc' })),
    chats: [{ id: chat, name: 'Chat', type: 1 }],
    chat_members: people.map((user_id) => ({ user_id, chat_id: chat })),
    groups: [{ id: group, name: 'Group', creator_id: people[0]!, chat_id: chat }],
    user_group: people.map((user_id) => ({ user_id, group_id: group })),
    messages: stored.map(({ record }) => record),
    message_seen_status: stored.flatMap(({ readBy, record }) =>
      readBy.map((user_id) => ({ user_id, message_id: record.id })),
    ),
  };
};
