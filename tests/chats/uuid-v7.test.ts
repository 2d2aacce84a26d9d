import { expect, test } from 'vitest';
import { uuidV7 } from '../../src/server/db/uuid-v7.ts';

test('an id is a UUID of version 7 that begins with its time', () => {
  const atMs = Date.UTC(2026, 10, 21, 9, 30);
  const id = uuidV7(atMs);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(atMs);
});

test('ids of one millisecond all differ, also across the borders of the pool of random bytes', () => {
  const ids = Array.from({ length: 10_000 }, () => uuidV7(0));
  expect(new Set(ids.map((id) => id.slice(14))).size).toBe(ids.length);
});

test('ids of later milliseconds come later in an index', () => {
  const ids = Array.from({ length: 1_000 }, (_, i) => uuidV7(1_000 + i));
  expect(ids.toSorted()).toEqual(ids);
});
