/**
 * What a member keeps of a chat for themselves: a text that is not sent yet, whether it is muted, archived, pinned or
 * marked as unread. It is no change of the chat and has no version; the person's own devices are told.
 */
import { z } from 'zod';
import { draft as draftSchema, ownSettings, type Draft } from '../../protocol/chats.ts';
import { limits } from '../../protocol/limits.ts';
import type { Actor } from '../accounts/policy.ts';
import type { Config } from '../config.ts';
import type { Sql } from '../db/client.ts';
import { persist } from '../db/persist.ts';
import type { ServerEvent } from '../realtime/events.ts';
import { callFunction, refusal } from './change.ts';
import { toRefusal } from './policy.ts';

type InChat = Actor & { chatId: string };

/** What is absent stays. */
export interface SettingsChange {
  /** An instant, `infinity` for ever, null to hear of it again. */
  muted_until?: string | null | undefined;
  archived?: boolean | undefined;
  pinned?: boolean | undefined;
  marked_unread?: boolean | undefined;
}

const settings = ownSettings.extend({ marked_unread: z.boolean() });
export type Settings = z.output<typeof settings>;

/** Errors of all of them: `no_chat` for everybody but members, `session_revoked`, `unavailable`. */
export interface Drafts {
  /**
   * Keeps a text, at most `limits.message.maxCodePoints` long; null or nothing but white space: there is none. A reply to
   * a message that the member cannot see, or that was deleted, is none. Where the person's drafts are more than
   * `limits.drafts`, the oldest go. Answers what is kept.
   */
  set(change: InChat & { text: string | null; replyTo?: number | null | undefined }): Promise<Draft | null>;
  /** A chat stays marked as unread until something in it is marked as read. */
  setMarkedUnread(change: InChat & { on: boolean }): Promise<void>;
  /** Error: `too_many_pinned`. Answers how it is now. */
  changeSettings(change: InChat & { settings: SettingsChange }): Promise<Settings>;
}

const kept = z.object({ changed: z.boolean(), draft: draftSchema.nullable(), dropped: z.array(z.string()) });
const { longBytes, maxLongBytes } = limits.drafts;

export interface DraftsOptions {
  sql: Sql;
  publish(events: ServerEvent[]): void;
  /** RATE_LIMITS off lifts the number of pinned chats. */
  config: Pick<Config, 'rateLimits'>;
}

export function createDrafts({ sql, publish, config }: DraftsOptions): Drafts {
  /** All of them have the same effect when a call is made again after its connection broke. */
  const call = async <A>(answerSchema: z.ZodType<A>, query: () => Promise<readonly { answer?: unknown }[]>) => {
    let tries = 0;
    const answer = await persist(
      (attempt) => attempt(sql),
      () => (tries++, callFunction(query())),
    );
    const refused = refusal.safeParse(answer).data;
    if (refused) throw toRefusal(refused.status);
    return { ...answerSchema.parse(answer), again: tries > 1 };
  };
  const changeSettings: Drafts['changeSettings'] = async ({ sessionId, userId, chatId, settings: change }) => {
    const maxPinned = config.rateLimits ? limits.counts.pinnedChats : null;
    const now = await call(
      settings,
      () =>
        sql`select change_membership(${sessionId}, ${userId}, ${chatId}, ${JSON.stringify(change)}::text::jsonb, ${maxPinned}) as answer`,
    );
    publish([{ kind: 'own_changed', chatId, userId }]);
    const { muted_until, archived, pinned, marked_unread } = now;
    return { muted_until, archived, pinned, marked_unread };
  };

  return {
    async set({ sessionId, userId, chatId, text, replyTo = null }) {
      const shown = text === null || text.trim() === '' ? null : text;
      const { changed, again, draft, dropped } = await call(
        kept,
        () =>
          sql`select set_draft(${sessionId}, ${userId}, ${chatId}, ${shown}, ${replyTo}, ${longBytes}, ${maxLongBytes}) as answer`,
      );
      const touched = changed || again ? [chatId, ...dropped] : [];
      publish(touched.map((id) => ({ kind: 'own_changed', chatId: id, userId })));
      return draft;
    },
    async setMarkedUnread({ on, ...place }) {
      await changeSettings({ ...place, settings: { marked_unread: on } });
    },
    changeSettings,
  };
}
