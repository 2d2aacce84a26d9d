/**
 * The newest page of hot chats as ready bytes.
 *
 * Promise: who asks gets what the database would have answered at some moment of the last half second, and at least
 * everything that this process has published. Who is not found among an entry's members asks the database, so the cache
 * decides that somebody may, never that somebody may not.
 *
 * An entry knows the version it stands at: the chat's next message is appended, an event beyond a gap, a change of the
 * members and a moved "seen by all" drop it. What happens on another node and reaches no hint lives out with the entry's
 * short age. An event that arrives while an entry is being read makes it useless before it is stored.
 *
 * A chat is hot when its newest page is asked for twice within an entry's age; a cold chat costs a line in a map.
 */
import { limits } from '../../protocol/limits.ts';
import type { Sql } from '../db/client.ts';
import { isChatEvent, type ChatEvent, type ServerEvent, type StoredMessage } from '../realtime/events.ts';
import { findNewestPage } from './queries.ts';

const rowsPerPage = limits.page.defaultRows;
const maxAgeMs = 500;
const maxAsked = 10_000;
/** What a member's id costs in a set, roughly. */
const memberBytes = 100;

interface Entry {
  version: number;
  readonly loadedAtMs: number;
  readonly members: Set<string>;
  readonly rows: Buffer[];
  /** The rows as one JSON array, made when somebody asks. */
  page: Buffer | undefined;
  bytes: number;
}

interface Loading {
  entry: Promise<Entry | undefined>;
  spoiled: boolean;
  /** What the entry before it has come to meanwhile: one that is read must not be older. */
  version: number;
}

export interface PageCacheOptions {
  sql: Sql;
  /** Bound of all entries together. */
  maxBytes?: number;
  nowMs?: () => number;
}

export class PageCache {
  readonly #sql: Sql;
  readonly #maxBytes: number;
  readonly #nowMs: () => number;
  /** The oldest first. */
  readonly #entries = new Map<string, Entry>();
  readonly #loading = new Map<string, Loading>();
  /** When a chat's newest page was last asked for, of chats without an entry. */
  readonly #asked = new Map<string, number>();
  #bytes = 0;

  constructor({ sql, maxBytes = 32 * 1024 * 1024, nowMs = () => performance.now() }: PageCacheOptions) {
    this.#sql = sql;
    this.#maxBytes = maxBytes;
    this.#nowMs = nowMs;
  }

  /** Bytes held, by estimate. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The newest page (of the default size) as JSON for this person; undefined: ask the database. */
  async findNewest({ chatId, userId }: { chatId: string; userId: string }): Promise<Buffer | undefined> {
    const entry = this.#findFresh(chatId) ?? (this.#isHot(chatId) ? await this.#load(chatId) : undefined);
    if (!entry?.members.has(userId)) return undefined;
    return (entry.page ??= toPage(entry.rows));
  }

  /** Takes events in, after their commit: of one chat ascending by version. */
  take(events: readonly ServerEvent[]): void {
    for (const event of events) {
      if (event.kind === 'message_seen') this.drop(event.message.chatId);
      else if (isChatEvent(event)) this.#apply(event);
    }
  }

  /** Another node has changed a chat, or may have. */
  drop(chatId: string): void {
    const loading = this.#loading.get(chatId);
    if (loading) loading.spoiled = true;
    this.#remove(chatId);
  }

  /** Anything may have changed. */
  clear(): void {
    for (const chatId of [...this.#entries.keys(), ...this.#loading.keys()]) this.drop(chatId);
  }

  #apply(event: ChatEvent): void {
    const entry = this.#entries.get(event.chatId);
    if (entry && event.version <= entry.version) return;
    if (!entry || event.kind !== 'message' || event.version !== entry.version + 1) {
      this.drop(event.chatId);
      return;
    }
    const loading = this.#loading.get(event.chatId);
    if (loading) loading.version = event.version;
    entry.version = event.version;
    entry.page = undefined;
    const row = toRow(event.message);
    entry.rows.push(row);
    const oldest = entry.rows.length > rowsPerPage ? entry.rows.shift() : undefined;
    this.#grow(entry, row.length - (oldest?.length ?? 0));
  }

  #findFresh(chatId: string): Entry | undefined {
    const entry = this.#entries.get(chatId);
    if (entry && this.#nowMs() - entry.loadedAtMs < maxAgeMs) return entry;
    return undefined;
  }

  #isHot(chatId: string): boolean {
    if (this.#entries.has(chatId) || this.#loading.has(chatId)) return true;
    const nowMs = this.#nowMs();
    const lastMs = this.#asked.get(chatId) ?? -Infinity;
    if (this.#asked.size >= maxAsked) this.#asked.clear();
    this.#asked.set(chatId, nowMs);
    return nowMs - lastMs < maxAgeMs;
  }

  /** One statement, however many ask at once. */
  #load(chatId: string): Promise<Entry | undefined> {
    const known = this.#loading.get(chatId);
    if (known && !known.spoiled) return known.entry;
    const loading: Loading = { entry: Promise.resolve(undefined), spoiled: false, version: 0 };
    loading.entry = this.#read(chatId)
      .then((entry) => {
        if (loading.spoiled || (entry && entry.version < loading.version)) return undefined;
        this.#remove(chatId);
        if (entry) this.#keep(chatId, entry);
        return entry;
      })
      .finally(() => {
        if (this.#loading.get(chatId) === loading) this.#loading.delete(chatId);
      });
    this.#loading.set(chatId, loading);
    return loading.entry;
  }

  async #read(chatId: string): Promise<Entry | undefined> {
    const loadedAtMs = this.#nowMs();
    const found = await findNewestPage(this.#sql, chatId, rowsPerPage);
    if (!found) return undefined;
    const rows = found.rows.map((row) => Buffer.from(row));
    const bytes = rows.reduce((sum, row) => sum + row.length, found.memberIds.length * memberBytes);
    return { version: found.version, loadedAtMs, members: new Set(found.memberIds), rows, page: undefined, bytes };
  }

  #keep(chatId: string, entry: Entry): void {
    this.#asked.delete(chatId);
    this.#entries.set(chatId, entry);
    this.#grow(entry, entry.bytes, 0);
  }

  #grow(entry: Entry, byBytes: number, entryBytes = entry.bytes): void {
    entry.bytes = entryBytes + byBytes;
    this.#bytes += byBytes;
    for (const chatId of this.#entries.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#remove(chatId);
    }
  }

  #remove(chatId: string): void {
    const entry = this.#entries.get(chatId);
    if (!entry) return;
    this.#entries.delete(chatId);
    this.#bytes -= entry.bytes;
  }
}

const comma = Buffer.from(',');
const open = Buffer.from('[');
const close = Buffer.from(']');

function toPage(rows: Buffer[]): Buffer {
  const parts: Buffer[] = [open];
  for (const row of rows) parts.push(row, comma);
  if (rows.length > 0) parts.pop();
  parts.push(close);
  return Buffer.concat(parts);
}

/** A message as the database makes it, keys in the same order. Nobody but its sender has read what was just stored. */
const toRow = ({ senderId, chatId, text, sentAt, id, seq }: StoredMessage): Buffer =>
  Buffer.from(JSON.stringify({ sender_id: senderId, chat_id: chatId, text, timestamp: sentAt, id, seen: false, seq }));
