import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { limits } from '../../src/protocol/limits.ts';
import { createActor, type Actor } from '../support/cast.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { TestSocket } from '../support/socket.ts';

let server: TestServer;
let alice: Actor;

beforeAll(async () => {
  // Before the server takes hold of the clock.
  vi.useFakeTimers({ toFake: ['Date'], shouldAdvanceTime: true });
  server = await startTestServer();
  alice = await createActor(server, 'Alice');
});
afterAll(async () => {
  expect(server.bugs).toEqual([]);
  await server[Symbol.asyncDispose]();
  vi.useRealTimers();
});

const passMs = (ms: number): unknown => vi.setSystemTime(Date.now() + ms);

it('a socket is asked whether it lives after 25 s of silence, and given up after 60 s', async () => {
  const dead = await RawSocket.open(`${server.wsUrl}/ws`, alice.authorization);
  const alive = await TestSocket.open(`${server.wsUrl}/ws`, alice.authorization);
  passMs(limits.sockets.pingEveryMs - 5_000);
  await alive.next();
  await alive.expectNothingElse();
  expect(dead.pings).toBe(0);
  passMs(10_000);
  await dead.until('a ping', () => dead.pings > 0);
  expect(dead.ended).toBe(false);
  passMs(limits.sockets.deadAfterMs - limits.sockets.pingEveryMs);
  await dead.until('the end', () => dead.ended);
  await alive.expectNothingElse();
  await alive.close();
});

it('a person who types has 5 minutes to log in', async () => {
  const typing = await TestSocket.open(`${server.wsUrl}/ws`);
  const dawdling = await TestSocket.open(`${server.wsUrl}/ws`);
  // In steps, so that the answers to pings arrive between them.
  for (let passed = 0; passed < limits.sockets.plainLoginWithinMs - 30_000; passed += 30_000) {
    passMs(30_000);
    await dawdling.expectNothingElse();
    await typing.expectNothingElse();
  }
  expect(await typing.ask({ email: alice.email, password: alice.password })).toMatchObject({ type: 'auth_success' });
  passMs(40_000);
  expect(await dawdling.closed()).toBe(4501);
  await typing.expectNothingElse();
  await typing.close();
});
