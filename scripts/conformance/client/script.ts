/** The scripts that a client is played: each a rule, and the steps that show whether the client keeps it. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { errorCatalogue, type ErrorCode } from '../../../src/protocol/errors.ts';

const ms = z.int().min(1).max(60_000);
const why = z.string().optional().meta({ description: 'What it means when the client does otherwise' });
/** Keys that a frame must have; `$chat`, `$watermark` and the like stand for what is so at that moment. */
const pattern = z.record(z.string(), z.unknown()).and(z.object({ type: z.string() }));

const changing = { tell: z.boolean().default(true), as: z.string().optional() };

/** Whether an answer is the truth, does not come, is cut off in the middle, waits for `release`, comes in vain or is an error. */
const answering = z.union([
  z.enum(['truth', 'nothing', 'half', 'held', 'lost']),
  z.object({ error: z.enum(Object.keys(errorCatalogue) as [ErrorCode]), after_ms: ms.optional() }),
]);
export type Answering = z.output<typeof answering>;

export const steps = {
  /** Alice stores messages. `tell: false`: nobody is told; `as`: the change can be told later under this name. */
  store: z.object({ count: z.int().min(1).max(2_000).default(1), ...changing }),
  /** Alice changes a message. */
  change: z.object({ seq: z.int().min(1), how: z.enum(['edit', 'react', 'unreact', 'delete']), ...changing }),
  /** A change of a kind that nobody knows. */
  unknown: z.object({ kind: z.string() }),
  /** Tells changes that were kept, in this order; `covering`: so many versions, those before it left out. */
  tell: z.object({ names: z.array(z.string()).min(1), covering: z.int().min(2).optional() }),
  /** Says any frame. */
  push: z.object({ frame: pattern }),
  /** The newest messages are gone: the database was restored from a backup. */
  restore: z.object({ dropping: z.int().min(1) }),
  /** How the next frames of this type are answered, one after the other. */
  answer: z.object({ to: z.string(), with: z.array(answering).min(1) }),
  release: z.object({}),
  /** The client under test is to do something. */
  ask: z.object({ send: z.array(z.string()).min(1) }),
  /** The client says a frame like this; those before an earlier step that did something do not count. */
  expect: z.object({
    frame: pattern,
    as: z.string().optional(),
    within_ms: ms.optional(),
    not_before_ms: ms.optional(),
    why,
  }),
  expect_none: z.object({ frame: pattern, for_ms: ms, why }),
  /** A new login. */
  expect_login: z.object({ within_ms: ms.default(20_000), not_before_ms: ms.optional(), why }),
  expect_no_login: z.object({ for_ms: ms, why }),
  /** What the client shows is the truth. */
  expect_view: z.object({ why }),
  /** Waits until the client has said nothing for so long: what it does next is about what follows. */
  settle: z.object({ quiet_ms: ms }),
  close: z.object({ code: z.int() }),
  /** Cuts the connection without a word. */
  break: z.object({}),
  /** Nothing is answered on this connection any more, not even a ping. */
  freeze: z.object({}),
  /** Every connection is closed at once; `at_most`: so many tries. */
  refuse: z.object({ for_ms: ms, at_most: z.int() }),
} as const;

export type StepName = keyof typeof steps;
export type StepOf<N extends StepName> = z.output<(typeof steps)[N]>;

const step = z.record(z.string(), z.unknown()).transform((value, context) => {
  const [name = '', ...others] = Object.keys(value);
  if (others.length > 0 || !Object.hasOwn(steps, name)) {
    context.addIssue({ code: 'custom', message: `a step is one of ${Object.keys(steps).join(', ')}` });
    return z.NEVER;
  }
  const parsed = steps[name as StepName].strict().safeParse(value[name]);
  if (parsed.success) return { name: name as StepName, value: parsed.data };
  for (const issue of parsed.error.issues) context.addIssue({ code: 'custom', message: `${name}: ${issue.message}` });
  return z.NEVER;
});

const script = z.strictObject({
  id: z.string().regex(/^[a-z]+(\.[a-z0-9-]+)+$/),
  says: z.string().regex(/\.$/),
  /** How many messages the chat has at first. */
  messages: z.int().min(0).default(3),
  heartbeat_ms: ms.default(25_000),
  steps: z.array(step).min(1),
});
export type Script = z.output<typeof script>;

export const readScript = (text: string): Script => script.parse(JSON.parse(text));

/** JSON is not compiled, so scripts are read from the sources, also by what stands in dist. */
function findFolder(): string {
  const here = fileURLToPath(new URL('../scripts/', import.meta.url));
  return here.replace(/([\\/])dist\1(scripts\1conformance\1scripts)/, '$1$2');
}

/** All scripts of the kit, by their file names. */
export function listScripts(folder = findFolder()): Script[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .map((name) => {
      try {
        return readScript(readFileSync(`${folder}/${name}`, 'utf8'));
      } catch (error) {
        throw new Error(`${basename(name)}: ${(error as Error).message}`, { cause: error });
      }
    });
}
