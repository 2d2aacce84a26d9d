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
import type { ServerEvent } from '../realtime/events.ts';
import { payloadHash } from './payload.ts';

export interface Send {
  sessionId: string;
  senderId: string;
  chatId: string;
  clientId: string;
  /** The text that `clientId` was made of, where the client's keys are no UUIDs. */
  clientKey?: string | null | undefined;
  text: string;
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

  constructor({ lanes, log, metrics, publish, uncertain }: WriterOptions) {
    this.#batcher = new Batcher<Row, Sent>({
      lanes,
      log,
      chatOf: (row) => row.chatId,
      weigh: (row) => row.text.length + 200,
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

  /** Stores a message. Errors: `no_chat`, `blocked`, `conflict`, `session_revoked`, `overloaded`, `unavailable`. */
  send(send: Send): Promise<Sent> {
    const key = `${send.chatId}${send.senderId}${send.clientId}`;
    const hash = payloadHash(send.text);
    const same = this.#underWay.get(key);
    if (same) return this.#join(same, hash, send);
    const sent = this.#batcher.add({ ...send, id: uuidV7(), hash });
    this.#underWay.set(key, { hash, sent });
    const forget = (): void => void this.#underWay.delete(key);
    sent.then(forget, forget);
    return sent;
  }

  /** A retry that meets its original on the way. What became of that decides; if it failed, the retry is tried itself. */
  async #join(same: { hash: bigint; sent: Promise<Sent> }, hash: bigint, send: Send): Promise<Sent> {
    const first = await same.sent.catch(() => undefined);
    if (!first || same.hash !== hash) return this.send(send);
    return { ...first, duplicate: true };
  }
}

const refusals = { r: 'session_revoked', n: 'no_chat', x: 'conflict', b: 'blocked' } as const;

async function sendMessages(sql: Sql, rows: Row[]): Promise<(Sent | ProtocolError)[]> {
  const { distinct, places } = toDistinct(rows.map((row) => row.chatId));
  const [answer] = await sql<{ answer: string }[]>`select send_messages(
    ${toArray(distinct)}::uuid[], ${toArray(places)}::int[], ${toArray(rows.map((row) => row.sessionId))}::uuid[],
    ${toArray(rows.map((row) => row.senderId))}::uuid[], ${toArray(rows.map((row) => row.clientId))}::uuid[],
    ${toArray(rows.map((row) => row.id))}::uuid[], ${toArray(rows.map((row) => row.hash))}::bigint[],
    ${toTextArray(rows.map((row) => row.text))}::text[], ${toTextArray(rows.map((row) => row.sentAt))}::timestamptz[],
    ${toTextArray(rows.map((row) => row.clientKey ?? null))}::text[],
    ${`${limits.clock.maxAheadMs} ms`}::interval) as answer`;
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
  rows.forEach(({ chatId, senderId, text, origin, clientKey }, i) => {
    const out = outs[i]!;
    if (out instanceof ProtocolError || out.duplicate) return;
    const { id, seq, version, sentAt } = out;
    events.push({
      kind: 'message',
      chatId,
      version,
      message: { id, seq, senderId, chatId, text, sentAt, clientKey },
      origin,
    });
  });
  return events;
}
