import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Sql } from '../../../src/server/db/client.ts';
import { arrayNames, DatasetError, parseRecord, type ArrayName, type DatasetRecord } from '../dataset.ts';
import { openClient } from '../open-client.ts';
import { RecordReader } from '../record-reader.ts';
import { checkStaged, countRowsToCheck } from './checks.ts';
import { storeMessages, storePositions } from './moves.ts';
import { hashInBackground, type BackgroundHashes } from './passwords.ts';
import { createPublish, publish } from './publish.ts';
import { createStaging, removeLeftovers, stage } from './staging.ts';

/**
 * Loads a data file: all of it or nothing, in bounded memory, while a server may be working on the same database.
 *
 * One transaction around everything would be simple and wrong: it would hold back cleaning and every reader's horizon
 * for minutes. So the file is staged and stored in short statements, invisible because messages are looked up through
 * their chat, and one last call makes the chats exist. Whoever is killed before leaves rows of chats that do not exist;
 * the next load removes them first.
 */
export type LoadPhase = 'reading' | 'checking' | 'hashing' | 'storing';

export interface LoadOptions {
  /** The database, migrated; a connection of its own is opened. */
  url: string;
  /** Hashes a password; may take long, is asked for several at a time. */
  credentials: { hash(password: string): Promise<string> };
  file: string;
  /** Told of every step; `done` of `total`, in bytes, rows or people as the phase has it. */
  progress?: (phase: LoadPhase, done: number, total: number) => void;
}

/** What was new, and what was there before and left alone. */
export interface LoadSummary {
  added: { users: number; chats: number; messages: number };
  present: { users: number; chats: number; messages: number };
  /** Rows that an earlier load, cut off before its end, had left. */
  removedLeftovers: number;
}

/** Held while loading: two loads at once would use the same staging tables. */
const lockKey = 7_300_118;
const bytesPerRead = 256 * 1024;
const recordsPerWrite = 5_000;

type Counts = Record<ArrayName, number>;

/** Throws DatasetError when the file is wrong; the database is then as it was. */
export async function loadFile(options: LoadOptions): Promise<LoadSummary> {
  // Steps need not reach the disk before the last, which is written after all of them.
  const sql = openClient(options.url, {
    application_name: 'messenger load',
    statement_timeout: 0,
    synchronous_commit: 'off',
  });
  try {
    const [lock] = await sql<{ held: boolean }[]>`select pg_try_advisory_lock(${lockKey}) as held`;
    if (!lock?.held) throw new DatasetError('Another load is running on this database; wait until it has finished.');
    const backend = await getBackend(sql);
    const removedLeftovers = await removeLeftovers(sql);
    try {
      return { ...(await load(sql, backend, options)), removedLeftovers };
    } finally {
      // On another backend the lock is lost, and another load may have begun: it will clean up, or has.
      if ((await getBackend(sql).catch(() => undefined)) === backend) await removeLeftovers(sql);
    }
  } finally {
    await sql.end({ timeout: 5 });
  }
}

const getBackend = async (sql: Sql): Promise<number> => {
  const [row] = await sql<{ backend: number }[]>`select pg_backend_pid() as backend`;
  return row?.backend ?? 0;
};

async function load(
  sql: Sql,
  backend: number,
  { credentials, file, progress = () => undefined }: LoadOptions,
): Promise<Omit<LoadSummary, 'removedLeftovers'>> {
  await createStaging(sql);
  await createPublish(sql);
  await using hashes = hashInBackground(credentials);
  const counts = await stageFile({ sql, file, hashes, progress });
  await sql.unsafe(arrayNames.map((array) => `analyze loading.${array}`).join(';'));

  const toCheck = countRowsToCheck(counts);
  let checked = 0;
  await checkStaged(sql, counts, (rows) => progress('checking', (checked += rows), toCheck));
  const newChats = await markPendingChats(sql);

  const present = await countPresentMessages(sql, counts.messages);
  const toStore = counts.messages - present;
  const stored = newChats === 0 ? 0 : await storeMessages(sql, (done) => progress('storing', done, toStore));
  await storePositions(sql);
  const newUsers = await storeHashes(sql, await hashes.all((done, total) => progress('hashing', done, total)));
  if (newChats > 0 || newUsers > 0) await publish(sql, backend);
  return {
    added: { users: newUsers, chats: newChats, messages: stored },
    present: { users: counts.users - newUsers, chats: counts.chats - newChats, messages: counts.messages - stored },
  };
}

interface Staging {
  sql: Sql;
  file: string;
  hashes: BackgroundHashes;
  progress: NonNullable<LoadOptions['progress']>;
}

async function stageFile({ sql, file, hashes, progress }: Staging): Promise<Counts> {
  const { size } = await stat(file);
  const counts = Object.fromEntries(arrayNames.map((array) => [array, 0])) as Counts;
  const reader = new RecordReader();
  let array: ArrayName = 'users';
  const waiting: DatasetRecord<ArrayName>[] = [];
  let writing = Promise.resolve();
  const write = async (records: DatasetRecord<ArrayName>[], of: ArrayName): Promise<void> => {
    await stage(sql, of, counts[of], records);
    counts[of] += records.length;
    if (of === 'users') hashes.add(await withoutKnownUsers(sql, records as DatasetRecord<'users'>[]));
  };
  // One write is under way while the next records are read.
  const flush = async (): Promise<void> => {
    await writing;
    writing = waiting.length === 0 ? writing : write(waiting.splice(0), array);
    writing.catch(() => undefined);
  };
  let read = 0;
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: bytesPerRead }) as AsyncIterable<Buffer>) {
      for (const record of reader.push(chunk)) {
        if (record.array !== array || waiting.length >= recordsPerWrite) await flush();
        array = record.array;
        waiting.push(parseRecord(array, record.index, record.value));
      }
      progress('reading', (read += chunk.length), size);
    }
    reader.end();
    await flush();
    await writing;
  } finally {
    await writing.catch(() => undefined);
  }
  return counts;
}

const withoutKnownUsers = async (sql: Sql, users: DatasetRecord<'users'>[]): Promise<DatasetRecord<'users'>[]> => {
  const known = await sql<
    { id: string }[]
  >`select id from users where id = any (${users.map((user) => user.id)}::uuid[])`;
  const ids = new Set(known.map((user) => user.id));
  return users.filter((user) => !ids.has(user.id));
};

/** Notes which chats of the file are new, so that their messages can be found again if this load does not finish. */
const markPendingChats = async (sql: Sql): Promise<number> => {
  const { count } = await sql`
    insert into loading.pending_chats (id)
    select id from loading.chats l where not exists (select from chats c where c.id = l.id)`;
  return count;
};

const countPresentMessages = async (sql: Sql, messages: number): Promise<number> => {
  if (messages === 0) return 0;
  const [row] = await sql<{ present: number }[]>`
    select count(*)::int as present from loading.messages m
     where not exists (select from loading.pending_chats p where p.id = m.chat_id)`;
  return row?.present ?? 0;
};

const storeHashes = async (sql: Sql, hashes: Map<string, string>): Promise<number> => {
  await sql`
    update loading.users u set password_hash = h.hash
      from unnest(${[...hashes.keys()]}::uuid[], ${[...hashes.values()]}::text[]) as h (id, hash) where u.id = h.id`;
  return hashes.size;
};
