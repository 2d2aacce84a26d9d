/**
 * Commands about a message that is there. All have the same effect when a call is made again after its connection broke, and
 * its answer is the same: what is so already is no change and no refusal.
 */
import { z } from 'zod';
import { limits } from '../../protocol/limits.ts';
import type { Mention } from '../../protocol/message.ts';
import type { Actor } from '../accounts/policy.ts';
import { callFunction, createChange, type ChatCommandOptions, type Try } from '../chats/change.ts';

type AtMessage = Actor & { chatId: string; seq: number };

/** What became of it. */
export interface ChangedMessage {
  /** The version of the chat: of the change, or what it was where nothing changed. */
  version: number;
  /** The message as it is now, as JSON text. */
  row: string;
}

/** Errors of all of them: `no_chat`, `no_message`, `blocked`, `session_revoked`, `unavailable`. */
export interface MessageCommands {
  /** By its author; what it said before is kept. Errors: `access_denied` (also of a forward), `deleted`, `too_many_edits`. */
  edit(change: AtMessage & { text: string; mentions?: readonly Mention[] | null | undefined }): Promise<ChangedMessage>;
  /** By its author, in a group by owner and admins too. Error: `access_denied`. */
  delete(change: AtMessage): Promise<ChangedMessage>;
  /** By any member; `on` false takes one's own back. Errors: `deleted`, `too_many_reactions`. */
  react(change: AtMessage & { emoji: string; on: boolean }): Promise<ChangedMessage>;
  /** In a group by owner and admins, in a direct chat by both. Errors: `access_denied`, `deleted`, `too_many_pins`. */
  pin(change: AtMessage & { on: boolean }): Promise<ChangedMessage>;
}

const answered = z.object({
  status: z.literal('ok'),
  version: z.number(),
  changed: z.boolean(),
  row: z.string(),
  blind: z.array(z.string()).nullable(),
});

export function createMessageCommands(options: ChatCommandOptions): MessageCommands {
  const change = createChange(options);
  const maxPins = options.config.rateLimits ? limits.counts.pinnedMessages : null;

  const run = async (chatId: string, attempt: Try): Promise<ChangedMessage> => {
    const answer = await change({ chatId, attempt }, answered, ({ changed, version, row, blind: blindIds }) =>
      changed ? [{ kind: 'message_changed', chatId, version, row, blindIds }] : [],
    );
    return { version: answer.version, row: answer.row };
  };

  return {
    edit({ sessionId, userId, chatId, seq, text, mentions }) {
      const spans = mentions?.length ? JSON.stringify(mentions) : null;
      return run(chatId, (sql) =>
        callFunction(sql`select edit_message(${sessionId}, ${userId}, ${chatId}, ${seq}, ${text}, ${spans}::text::jsonb,
          ${limits.message.maxEdits}) as answer`),
      );
    },

    delete({ sessionId, userId, chatId, seq }) {
      return run(chatId, (sql) =>
        callFunction(sql`select delete_message(${sessionId}, ${userId}, ${chatId}, ${seq}) as answer`),
      );
    },

    react({ sessionId, userId, chatId, seq, emoji, on }) {
      const { maxPerPerson, maxPerMessage } = limits.reactions;
      return run(chatId, (sql) =>
        callFunction(sql`select set_reaction(${sessionId}, ${userId}, ${chatId}, ${seq}, ${emoji}, ${on}, ${maxPerPerson},
          ${maxPerMessage}) as answer`),
      );
    },

    pin({ sessionId, userId, chatId, seq, on }) {
      return run(chatId, (sql) =>
        callFunction(sql`select set_pin(${sessionId}, ${userId}, ${chatId}, ${seq}, ${on}, ${maxPins}) as answer`),
      );
    },
  };
}
