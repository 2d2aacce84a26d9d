/**
 * How commands change a chat: one call of an SQL function in the chat's lane, published in the same turn, so that no later
 * event of the chat overtakes it in this process.
 *
 * A call whose connection broke may have been carried out. It is made again until the database answers (5 s, then
 * `unavailable`), and the second answer is read in the light of the first try. What such a first try changed without this
 * process being told is handed to `uncertain`, which looks it up.
 */
import { z } from 'zod';
import type { Config } from '../config.ts';
import type { Sql } from '../db/client.ts';
import { requireRow } from '../db/failure.ts';
import type { Lanes } from '../db/lanes.ts';
import { persist } from '../db/persist.ts';
import type { ServerEvent } from '../realtime/events.ts';
import { refusals, toRefusal } from './policy.ts';

export interface ChatCommandOptions {
  lanes: Lanes;
  /** Told of each change after its commit and before the answer. */
  publish(events: ServerEvent[]): void;
  /** Told of chats, and people in them, that may have changed without a word of it. */
  uncertain(chatIds: string[], userIds: string[]): void;
  /** RATE_LIMITS off lifts what is bounded per person and per group. */
  config: Pick<Config, 'rateLimits'>;
}

/** One try of a call; `again` says that an earlier try may have been carried out. */
export type Try = (sql: Sql, again: boolean) => Promise<unknown>;

export interface Attempted {
  chatId: string;
  /** Whose membership it may change. */
  userIds?: string[];
  attempt: Try;
}

export const refusal = z.object({ status: z.enum(refusals), users: z.array(z.string()).optional() });

export type Change = <A extends { status: 'ok' }>(
  attempted: Attempted,
  answerSchema: z.ZodType<A>,
  toEvents?: (answer: A) => ServerEvent[],
) => Promise<A>;

/** Holds the chat's lane until the change is published. Errors: those of the function, `unavailable`. */
export function createChange({ lanes, publish, uncertain }: Omit<ChatCommandOptions, 'config'>): Change {
  return ({ chatId, userIds = [], attempt }, answerSchema, toEvents = () => []) =>
    lanes.run(chatId, async (call) => {
      let tries = 0;
      try {
        const answer = await persist(call, (sql) => attempt(sql, tries++ > 0));
        const refused = refusal.safeParse(answer).data;
        if (refused) throw toRefusal(refused.status, refused.users);
        const accepted = answerSchema.parse(answer);
        publish(toEvents(accepted));
        return accepted;
      } finally {
        if (tries > 1) uncertain([chatId], userIds);
      }
    });
}

/** The one value that a call of a function answers, under the name `answer`. */
export async function callFunction(query: Promise<readonly { answer?: unknown }[]>): Promise<unknown> {
  const [row] = await query;
  return requireRow(row).answer;
}
