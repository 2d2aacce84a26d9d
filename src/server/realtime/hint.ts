/** What nodes and command-line tools tell nodes: one notification each. */
import { z } from 'zod';
import type { LiveEvent } from './events.ts';

/** PostgreSQL takes 8,000 bytes a notification. */
const maxHintBytes = 7_000;

const liveEvent = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('read'),
    chatId: z.string(),
    userId: z.string(),
    messageId: z.string(),
    readAt: z.string(),
  }),
  z.object({ kind: z.literal('typing'), chatId: z.string(), userId: z.string() }),
  z.object({
    kind: z.literal('positions'),
    chatId: z.string(),
    rows: z.array(z.object({ userId: z.string(), deliveredSeq: z.number(), readSeq: z.number() })),
  }),
  z.object({ kind: z.literal('own_changed'), chatId: z.string(), userId: z.string() }),
  z.object({ kind: z.literal('presence'), userId: z.string(), online: z.boolean() }),
  z.object({ kind: z.literal('lobby'), userId: z.string(), text: z.string(), saidAt: z.string() }),
]) satisfies z.ZodType<LiveEvent>;

const hintSchema = z.object({
  /** The node that says it; tools have none. A hint of nothing else says that it listens. */
  node: z.string().optional(),
  /** Chat id and the version it has reached. */
  chats: z.array(z.tuple([z.string(), z.number()])).optional(),
  /** People whose memberships changed. */
  users: z.array(z.string()).optional(),
  /** People who are in chats that were loaded from a file, history and all: they hear of them from now on. */
  loaded: z.array(z.string()).optional(),
  /** Messages that became seen by all, and their senders. */
  seen: z.array(z.tuple([z.string(), z.string()])).optional(),
  /** Sessions that ended. */
  sessions: z.array(z.string()).optional(),
  /** People who are called otherwise now. */
  renamed: z.array(z.string()).optional(),
  /** What happens now and is not kept. */
  live: z.array(liveEvent).optional(),
});
export type Hint = z.infer<typeof hintSchema>;

/** Undefined: it is none that this version knows. */
export function readHint(payload: string): Hint | undefined {
  try {
    return hintSchema.safeParse(JSON.parse(payload)).data;
  } catch {
    return undefined;
  }
}

/** In their order, as many together as fit into one notification. */
export function packByBytes(events: LiveEvent[]): LiveEvent[][] {
  const packs: LiveEvent[][] = [];
  let bytes = Infinity;
  for (const event of events) {
    const size = Buffer.byteLength(JSON.stringify(event)) + 1;
    if (bytes + size > maxHintBytes) {
      packs.push([]);
      bytes = 0;
    }
    packs.at(-1)!.push(event);
    bytes += size;
  }
  return packs;
}
