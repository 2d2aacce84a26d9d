import { expect, it } from 'vitest';
import { limits } from '../../src/protocol/limits.ts';
import { ChangeWaits } from '../../src/server/messages/change-waits.ts';

const never = (): AbortSignal => new AbortController().signal;
const bob = { chatId: 'a chat', userId: 'bob', maxMs: 60_000, signal: never() };
const bobAgain = () => ({ ...bob, signal: never() });

it('what happens while one looks makes one look again', async () => {
  const waits = new ChangeWaits();
  let looks = 0;
  await waits.wait(bob, () => {
    if (looks === 0) waits.wake('a chat');
    return Promise.resolve(++looks === 2);
  });
  expect([looks, waits.size]).toEqual([2, 0]);
});

it('other chats wake nobody, and a wait ends with its time', async () => {
  const waits = new ChangeWaits();
  let looks = 0;
  const waiting = waits.wait({ ...bob, maxMs: 1_000 }, () => Promise.resolve(++looks > 2));
  expect(looks).toBe(1);
  waits.wake('another chat');
  await waiting;
  expect([looks, waits.size]).toEqual([2, 0]);
});

it('a lost hint delays, no more', async () => {
  const waits = new ChangeWaits();
  let looks = 0;
  await waits.wait(bob, () => Promise.resolve(++looks === 2));
  expect(looks).toBe(2);
});

it('who goes away waits no more, nor does anybody on a node that ends', async () => {
  const waits = new ChangeWaits();
  const gone = new AbortController();
  const waiting = [
    waits.wait({ ...bob, signal: gone.signal }, () => Promise.resolve(false)),
    waits.wait({ ...bob, signal: never() }, () => Promise.resolve(false)),
  ];
  expect(waits.size).toBe(2);
  gone.abort();
  await waiting[0];
  expect(waits.size).toBe(1);
  waits[Symbol.dispose]();
  await waiting[1];
  expect(waits.size).toBe(0);
});

it('a person has so many waits and no more; what fails leaves none behind', async () => {
  const waits = new ChangeWaits();
  const waiting = Array.from({ length: limits.sync.maxWaitsPerPerson }, () =>
    waits.wait(bobAgain(), () => Promise.resolve(false)),
  );
  await expect(waits.wait(bob, () => Promise.resolve(true))).rejects.toMatchObject({ code: 'rate_limited' });
  await waits.wait({ ...bob, userId: 'alice' }, () => Promise.resolve(true));
  waits[Symbol.dispose]();
  await Promise.all(waiting);
  await expect(waits.wait(bob, () => Promise.reject(new Error('no')))).resolves.toBeUndefined();
  await expect(new ChangeWaits().wait(bob, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(waits.size).toBe(0);
});
