/**
 * The write path of messages.
 *
 * Promise: G1 an answer is given after the commit; G2 one message per (chat, sender, client_id) for ever, and every retry
 * gets the first one's answer; G3 numbers without holes. The database keeps G2 and G3 (`send_messages`), for any number of
 * processes. Here equal keys that meet in this process share one row of one batch: twice in one call they would break the
 * unique key for ever.
 */
import type { Logger } from 'pino';
import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { toArray, toDistinct, toTextArray } from '../db/arrays.ts';
import { Batcher } from '../db/batcher.ts';
import type { Sql } from '../db/client.ts';
import { requireRow } from '../db/failure.ts';
import type { Lanes } from '../db/lanes.ts';
import type { Metrics } from '../metrics.ts';
import { uuidV7 } from '../db/uuid-v7.ts';
import type { ServerEvent, StoredMessage } from '../realtime/events.ts';
import { findForwardables, type Forwardable } from './forwards.ts';
import { toNeeds } from './order.ts';
import { payloadHash, type Beside } from './payload.ts';

export interface Send extends Beside {
  sessionId: string;
  senderId: string;
  chatId: string;
  clientId: string;
  /** The text that `clientId` was made of, where the client's keys are no UUIDs. */
  clientKey?: string | null | undefined;
  /** Absent of a forward, which takes its text from its source when it is stored. */
  text?: string | undefined;
  /** The client_id of the sender's message that must be stored before this one. */
  after?: string | null | undefined;
  /** The time to show; null: when it is stored. More than 60 s ahead counts as now. */
  sentAt: string | null;
  /** The connection that gets an ack and therefore no echo. */
  origin?: object | undefined;
}

export interface Sent {
  id: string;
  seq: number;
  version: number;
  sentAt: string;
  /** Stored by an earlier call with the same client_id. */
  duplicate: boolean;
}

interface Row extends Send {
  id: string;
  hash: bigint;
  /** What a forward tells on. Once found it stays, so that a call that is made again stores and tells the same. */
  source?: Forwardable | undefined;
}

export interface WriterOptions {
  lanes: Lanes;
  log: Logger;
  metrics: Pick<Metrics, 'batchRows' | 'batchSeconds' | 'sends'>;
  /** Told of each batch's stored messages, ascending in each chat, after the commit and before the acks. */
  publish(events: ServerEvent[]): void;
  /** Told of chats that may have changed without a word of it: the database was away for too long. */
  uncertain(chatIds: string[]): void;
}

export class Writer {
  readonly #batcher: Batcher<Row, Sent>;
  readonly #underWay = new Map<string, { hash: bigint; sent: Promise<Sent> }>();
  /** By the ids of messages whose call is not answered yet. */
  readonly #origins = new Map<string, object>();

  constructor({ lanes, log, metrics, publish, uncertain }: WriterOptions) {
    this.#batcher = new Batcher<Row, Sent>({
      lanes,
      log,
      chatOf: (row) => row.chatId,
      weigh: (row) => (row.text?.length ?? limits.message.maxBytes) + 200,
      async call(sql, rows) {
        const stopTimer = metrics.batchSeconds.startTimer();
        const outs = await sendMessages(sql, rows);
        stopTimer();
        metrics.batchRows.observe(rows.length);
        return outs;
      },
      committed(rows, outs) {
        for (const [outcome, n] of countOutcomes(outs)) metrics.sends.inc({ outcome }, n);
        publish(toEvents(rows, outs));
      },
      uncertain: (rows) => uncertain(rows.map((row) => row.chatId)),
    });
  }

  /**
   * Stores a message: a text or a forward. Errors: `no_chat`, `blocked`, `conflict`, `no_message` (there is none to answer, or
   * none to forward), `depends_missing`, `session_revoked`, `overloaded`, `unavailable`.
   */
  send(send: Send): Promise<Sent> {
    const key = `${send.chatId}${send.senderId}${send.clientId}`;
    const hash = payloadHash(send.text, send);
    const same = this.#underWay.get(key);
    if (same) return this.#join(same, hash, send);
    const id = uuidV7();
    const sent = this.#batcher.add({ ...send, id, hash });
    this.#underWay.set(key, { hash, sent });
    if (send.origin) this.#origins.set(id, send.origin);
    const forget = (): void => {
      this.#underWay.delete(key);
      this.#origins.delete(id);
    };
    sent.then(forget, forget);
    return sent;
  }

  /** The connection of a message under way: once committed it can be read before its call is answered. */
  originOf(messageId: string): object | undefined {
    return this.#origins.get(messageId);
  }

  /** A retry that meets its original on the way. What became of that decides; if it failed, the retry is tried itself. */
  async #join(same: { hash: bigint; sent: Promise<Sent> }, hash: bigint, send: Send): Promise<Sent> {
    const first = await same.sent.catch(() => undefined);
    if (!first || same.hash !== hash) return this.send(send);
    return { ...first, duplicate: true };
  }
}

const refusals = {
  r: 'session_revoked',
  n: 'no_chat',
  x: 'conflict',
  b: 'blocked',
  f: 'no_message',
  p: 'no_message',
  m: 'depends_missing',
} as const;

/** Finds what is to be told on, in the turn in which it is stored: looking earlier would let later messages overtake it. */
async function findSources(sql: Sql, rows: Row[]): Promise<void> {
  const waiting = rows.filter((row) => row.forward && !row.source);
  if (waiting.length === 0) return;
  const sources = waiting.map(({ senderId, forward }) => ({ userId: senderId, ...forward! }));
  (await findForwardables(sql, sources)).forEach((source, i) => (waiting[i]!.source = source));
}

const textOf = (row: Row): string | undefined => (row.forward ? row.source?.text : row.text);

/** What few messages have: empty columns where none of a call has anything. */
function toRareColumns(
  rows: Row[],
): Record<'reply' | 'needs' | 'mentions' | 'firstSender' | 'firstSent' | 'after', string> {
  const isRare = rows.some(({ replyTo, mentions, forward, after }) => replyTo || mentions || forward || after);
  if (!isRare) return noRareColumns;
  const needs = toNeeds(rows.map((row) => ({ ...row, text: textOf(row) })));
  return {
    reply: toArray(rows.map((row) => row.replyTo ?? null)),
    needs: toArray(needs.map(({ seq }) => seq)),
    // An empty column tells the function that nobody is mentioned.
    mentions: rows.some(hasMentions)
      ? toTextArray(rows.map((row) => (hasMentions(row) ? JSON.stringify(row.mentions) : null)))
      : '{}',
    firstSender: toArray(rows.map((row) => row.source?.senderId ?? null)),
    firstSent: toTextArray(rows.map((row) => row.source?.sentAt ?? null)),
    after: toArray(needs.map(({ clientId }) => clientId)),
  };
}

const noRareColumns = { reply: '{}', needs: '{}', mentions: '{}', firstSender: '{}', firstSent: '{}', after: '{}' };

const hasMentions = ({ mentions }: Row): boolean => mentions !== null && mentions !== undefined && mentions.length > 0;

async function sendMessages(sql: Sql, rows: Row[]): Promise<(Sent | ProtocolError)[]> {
  await findSources(sql, rows);
  const { distinct, places } = toDistinct(rows.map((row) => row.chatId));
  const rare = toRareColumns(rows);
  const [answer] = await sql<{ answer: string }[]>`select send_messages(
    ${toArray(distinct)}::uuid[], ${toArray(places)}::int[], ${toArray(rows.map((row) => row.sessionId))}::uuid[],
    ${toArray(rows.map((row) => row.senderId))}::uuid[], ${toArray(rows.map((row) => row.clientId))}::uuid[],
    ${toArray(rows.map((row) => row.id))}::uuid[], ${toArray(rows.map((row) => row.hash))}::bigint[],
    ${toTextArray(rows.map((row) => textOf(row) ?? null))}::text[], ${toTextArray(rows.map((row) => row.sentAt))}::timestamptz[],
    ${toTextArray(rows.map((row) => row.clientKey ?? null))}::text[],
    ${`${limits.clock.maxAheadMs} ms`}::interval, ${rare.reply}::bigint[], ${rare.needs}::bigint[], ${rare.mentions}::text[],
    ${rare.firstSender}::uuid[], ${rare.firstSent}::timestamptz[], ${rare.after}::uuid[]) as answer`;
  return requireRow(answer)
    .answer.split('\n')
    .map((line, i) => {
      const [status, seq, version, , id, sentAt] = line.split('|');
      if (status !== 'o' && status !== 'd') return new ProtocolError(refusals[status as keyof typeof refusals]);
      const row = rows[i]!;
      // Stored "before" under the id made here: an earlier try of this very call had committed.
      const duplicate = status === 'd' && id !== row.id;
      return { id: duplicate ? id! : row.id, seq: Number(seq), version: Number(version), sentAt: sentAt!, duplicate };
    });
}

function countOutcomes(outs: (Sent | ProtocolError)[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const out of outs) {
    const outcome = out instanceof ProtocolError ? out.code : out.duplicate ? 'duplicate' : 'ok';
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  return counts;
}

function toEvents(rows: Row[], outs: (Sent | ProtocolError)[]): ServerEvent[] {
  const events: ServerEvent[] = [];
  rows.forEach((row, i) => {
    const out = outs[i]!;
    if (out instanceof ProtocolError || out.duplicate) return;
    const { chatId, origin } = row;
    events.push({ kind: 'message', chatId, version: out.version, message: toMessage(row, out), origin });
  });
  return events;
}

function toMessage(row: Row, { id, seq, sentAt }: Sent): StoredMessage {
  const { chatId, senderId, clientId, clientKey, source } = row;
  const message: StoredMessage = { id, seq, senderId, chatId, text: textOf(row)!, sentAt, clientId, clientKey };
  if (row.replyTo) message.replyTo = row.replyTo;
  if (source) message.forwarded = { senderId: source.senderId, sentAt: source.sentAt };
  if (hasMentions(row)) message.mentions = row.mentions!;
  return message;
}
