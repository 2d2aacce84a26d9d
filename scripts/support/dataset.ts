import { z } from 'zod';
import { uuid } from '../../src/protocol/ids.ts';
import { limits } from '../../src/protocol/limits.ts';
import { countCodePoints, findTextMistake, line } from '../../src/protocol/text.ts';

/** The shape of a data file: one JSON object of these seven arrays, in any order. */
const name = line(limits.text.maxNameCodePoints);

const clock =
  /^(\d{4})-(\d{2})-(\d{2})[T ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-](?:0\d|1[0-4]):?[0-5]\d)$/i;

const isInstant = (value: string): boolean => {
  const parts = clock.exec(value);
  if (parts === null) return false;
  const [year, month, day] = parts.slice(1, 4).map(Number) as [number, number, number];
  const date = new Date(Date.UTC(2000, month - 1, day));
  date.setUTCFullYear(year, month - 1, day);
  return year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
};

/** An instant with an offset, as written: PostgreSQL reads it. */
const timestamp = z
  .string()
  .refine(isInstant, 'Input should be a time with an offset, such as 2025-05-04 04:45:50+00:00');

const password = z
  .string()
  .min(1, 'Password must not be empty')
  .refine(
    (value) => Buffer.byteLength(value) <= limits.password.maxBytes,
    `Password must have at most ${limits.password.maxBytes} bytes`,
  );

const email = z
  .email('Input should be an e-mail address')
  .refine(
    (value) => Buffer.byteLength(value) <= limits.text.maxEmailBytes,
    `E-mail address must have at most ${limits.text.maxEmailBytes} bytes`,
  );

/** Unlike a text sent to the server, one in a file may be empty: the system that files come from allowed that. */
const text = z.string().superRefine((value, context) => {
  const { maxBytes, maxCodePoints } = limits.message;
  const tooLong = Buffer.byteLength(value) > maxBytes || countCodePoints(value) > maxCodePoints;
  const mistake =
    findTextMistake(value) ??
    (tooLong ? `Text must have at most ${maxCodePoints} characters and ${maxBytes} bytes` : undefined);
  if (mistake !== undefined) context.addIssue({ code: 'custom', message: mistake });
});

export const datasetSchemas = {
  users: z.object({ email, name, password, id: uuid }),
  /** `type`: 0 personal, 1 group. */
  chats: z.object({ name, id: uuid, type: z.literal([0, 1]) }),
  chat_members: z.object({ user_id: uuid, chat_id: uuid }),
  groups: z.object({ name, id: uuid, creator_id: uuid, chat_id: uuid }),
  user_group: z.object({ user_id: uuid, group_id: uuid }),
  messages: z.object({ id: uuid, sender_id: uuid, chat_id: uuid, timestamp, seen: z.boolean(), text }),
  message_seen_status: z.object({ message_id: uuid, user_id: uuid }),
};

export type Dataset = { [A in keyof typeof datasetSchemas]: z.infer<(typeof datasetSchemas)[A]>[] };
export type ArrayName = keyof Dataset;
export type DatasetRecord<A extends ArrayName> = Dataset[A][number];

export const arrayNames = Object.keys(datasetSchemas) as ArrayName[];

/** What is wrong with a data file, by record and field; the file's owner is meant to read it. Never holds a value of the file. */
export class DatasetError extends Error {
  override readonly name = 'DatasetError';
}

/** The record in its canonical form; a DatasetError that names every wrong field when it is not one of `array`. */
export function parseRecord<A extends ArrayName>(array: A, index: number, value: unknown): DatasetRecord<A> {
  const result = datasetSchemas[array].safeParse(value, { reportInput: true });
  if (result.success) return result.data as DatasetRecord<A>;
  const mistakes = result.error.issues.map((issue) => {
    const missing = issue.code === 'invalid_type' && issue.input === undefined && issue.path.length > 0;
    return `${[`${array}[${index}]`, ...issue.path.map(String)].join('.')}: ${missing ? 'Field required' : issue.message}`;
  });
  throw new DatasetError(mistakes.join('\n'));
}
