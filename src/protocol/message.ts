/** A message as the full protocol and its HTTP twins show it, and what may be done to it. */
import { z } from 'zod';
import { uuid } from './ids.ts';
import { limits } from './limits.ts';
import { countCodePoints, messageText } from './text.ts';

const counter = z.int().min(0);

/** A message's place in its chat, from 1. Chat and seq together address it. */
export const seq = z.int().min(1);

/** Where a text speaks of a person: `length` code points from `offset`. Who is a member is told apart in their unread. */
export const mention = z.object({
  user_id: uuid,
  offset: counter.meta({ description: 'In code points' }),
  length: z.int().min(1).meta({ description: 'In code points' }),
});
export type Mention = z.output<typeof mention>;

/** Everybody who gave a message this emoji, the first one first. */
export const reaction = z.object({ emoji: z.string(), user_ids: z.array(uuid) });
export type Reaction = z.output<typeof reaction>;

/** What was said elsewhere: by whom and when at first, however often it was forwarded. */
export const forwarded = z.object({ sender_id: uuid, timestamp: z.string() });

/**
 * A message with all that became of it: whoever has it needs nothing that came before. What it has not (no reply, no
 * reaction …) is absent. Of a deleted message the text is empty, and reactions, mentions and pin are gone.
 */
export const message = z
  .object({
    id: uuid,
    chat_id: uuid,
    seq,
    version: seq.meta({ description: 'The version of the chat that stored it' }),
    changed_version: seq.optional().meta({ description: 'The version of the chat that changed it last' }),
    sender_id: uuid,
    client_id: uuid.meta({ description: 'What its sender called it' }),
    text: z.string(),
    timestamp: z.string().meta({ description: 'The sender’s time, in UTC with `Z`' }),
    reply_to: seq.optional().meta({ description: 'The seq of the message that it answers' }),
    forwarded: forwarded.optional(),
    mentions: z.array(mention).optional(),
    edited_at: z.string().optional(),
    deleted_at: z.string().optional(),
    pinned_at: z.string().optional(),
    pinned_by: uuid.optional(),
    reactions: z.array(reaction).optional(),
  })
  .meta({ id: 'Message' });
export type Message = z.output<typeof message>;

/** What a message said before it was edited. */
export const earlierText = z
  .object({ text: z.string(), mentions: z.array(mention).optional(), written_at: z.string() })
  .meta({ id: 'EarlierText' });
export type EarlierText = z.output<typeof earlierText>;

/** Who has read a message, and when. */
export const reading = z
  .object({ user_id: uuid, read_at: z.string().meta({ description: 'When they first had read so far' }) })
  .meta({ id: 'Reading' });
export type Reading = z.output<typeof reading>;

const complain = (context: z.RefinementCtx, text: string, path: (string | number)[] = []): void =>
  context.addIssue({ code: 'custom', message: text, path, params: { type: 'value_error' } });

/** The mentions of a text to be sent: ascending, apart from each other and within the text. */
export const mentionsOf = (text: string, mentions: readonly Mention[], context: z.RefinementCtx): void => {
  let free = 0;
  const length = countCodePoints(text);
  for (const [i, { offset, length: own }] of mentions.entries()) {
    if (offset < free) complain(context, 'Mentions must be ascending and not overlap', ['mentions', i, 'offset']);
    if (offset + own > length) complain(context, 'A mention must lie within the text', ['mentions', i, 'length']);
    free = offset + own;
  }
};

export const mentions = z.array(mention).max(limits.message.maxMentions);

// Made at run time: a compiler for an older target refuses the flag that these properties need.
const wholeEmoji = new RegExp(String.raw`^\p{RGI_Emoji}$`, 'v');

/** The emoji as Unicode recommends it for interchange, or undefined when `value` is none. */
export function toEmoji(value: string): string | undefined {
  if (wholeEmoji.test(value)) return value;
  return wholeEmoji.test(`${value}\ufe0f`) ? `${value}\ufe0f` : undefined;
}

/** One emoji, with skin tones and joiners; the parsed value is the form that Unicode recommends for interchange. */
export const emoji = z
  .string()
  .max(64)
  .transform((value, context) => {
    const known = toEmoji(value);
    if (known !== undefined) return known;
    context.issues.push({
      code: 'custom',
      input: value,
      message: 'Input should be one emoji',
      params: { type: 'emoji_parsing' },
    });
    return z.NEVER;
  })
  .meta({ type: 'string', description: 'One emoji, such as 👍' });

/** Another message, to be told on: with its text, as it is when the forward is stored. */
export const forwardOf = z.object({ chat_id: uuid, seq });

/** What a message is sent with: a text, or another message's. */
export const draftKeys = {
  text: messageText.optional(),
  reply_to: seq.nullish(),
  mentions: mentions.nullish(),
  forward: forwardOf.nullish(),
  after: uuid.nullish().meta({
    description: 'The client_id of one’s message before; if that one is not stored, this one is not either',
  }),
};

interface Content {
  text?: string | undefined;
  mentions?: Mention[] | null | undefined;
  forward?: unknown;
}

/** A message is a text or a forward, and mentions are of the text. */
export function checkContent({ text, mentions: named, forward }: Content, context: z.RefinementCtx): void {
  if (text === undefined && !forward)
    context.addIssue({ code: 'custom', message: 'Field required', path: ['text'], params: { type: 'missing' } });
  if (text !== undefined && forward) complain(context, 'A forward takes its text from the message', ['text']);
  mentionsOf(text ?? '', named ?? [], context);
}

/** What a message says instead of what it said. */
export const edited = z
  .object({ text: messageText, mentions: mentions.nullish() })
  .superRefine(({ text, mentions: named }, context) => mentionsOf(text, named ?? [], context));
