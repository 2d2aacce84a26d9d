/** Texts that were read, and the reader, which comes later than the first messages. */
import { signal } from '@preact/signals';
import type { Mention } from '../../../client/index.ts';
import type { parse } from './parse.ts';
import type { Block } from './tree.ts';

const reader = signal<typeof parse | undefined>(undefined);
let asked: Promise<void> | undefined;

/** Fetches the reader, once. When it could not be fetched the next call tries again. */
export function loadReader(): void {
  asked ??= import('./parse.ts').then(
    (chunk) => void (reader.value = chunk.parse),
    () => (asked = undefined),
  );
}

const maxKept = 300;
const kept = new Map<string, Block[]>();

/** A text as it is shown; undefined until the reader is here, which whoever renders is told of. */
export function read(text: string, mentions: readonly Mention[] = []): Block[] | undefined {
  const parse = reader.value;
  if (!parse) return undefined;
  const key = mentions.length === 0 ? text : `${JSON.stringify(mentions)}${text}`;
  const known = kept.get(key);
  const blocks = known ?? parse(text, mentions);
  // What was asked for last goes last.
  kept.delete(key);
  kept.set(key, blocks);
  if (kept.size > maxKept) kept.delete(kept.keys().next().value!);
  return blocks;
}
