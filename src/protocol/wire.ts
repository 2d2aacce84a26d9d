import { describeHttp } from './describe.ts';
import { describeSockets } from './describe-sockets.ts';

const wordsForPeople = new Set([
  'description',
  'summary',
  'example',
  'examples',
  'title',
  'info',
  'tags',
  'x-tagGroups',
]);

/**
 * Everything a client depends on, HTTP and frames, as text without the words for people. Two builds that say the same here
 * understand each other.
 */
export function describeWire(): string {
  return JSON.stringify({ http: describeHttp(), sockets: describeSockets() }, (key, value: unknown) =>
    wordsForPeople.has(key) && !isSchema(value) ? undefined : value,
  );
}

/** A property that happens to be called `title` is part of the wire; its value is a schema, not words. */
const isSchema = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && ('type' in value || '$ref' in value);
