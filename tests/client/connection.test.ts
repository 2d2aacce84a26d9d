import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { pauseMs, verdictOf } from '../../src/client/connector.ts';
import {
  connect,
  memoryStorage,
  type ConnectOptions,
  type FetchLike,
  type Messenger,
  type MessengerError,
  type Storage,
} from '../../src/client/index.ts';
import { Http } from '../../src/client/http.ts';
import { systemClock, type Clock } from '../../src/client/platform.ts';
import { Session } from '../../src/client/session.ts';
import { until } from './support/clients.ts';
import { HandClock } from './support/hand-clock.ts';
import { ScriptedServer } from './support/scripted-server.ts';

let server: ScriptedServer;
let messenger: Messenger;
let errors: MessengerError[];
beforeEach(async () => {
  server = await ScriptedServer.open();
  errors = [];
});
afterEach(async () => {
  await messenger?.close();
  await server[Symbol.asyncDispose]();
});

const open = (options: Partial<ConnectOptions> = {}): Messenger =>
  (messenger = connect({
    url: server.url,
    auth: { identifier: 'alice', password: 'secret' },
    WebSocket,
    random: () => 0,
    onError: (error) => errors.push(error),
    ...options,
  }));

describe('how a socket is closed says what to do', () => {
  it('connects again after 4000 to 4499 and everything below', async () => {
    await open().ready();
    for (const code of [1001, 1012, 4008]) {
      const before = server.connections;
      server.closeAll(code);
      await until(messenger.store, `a connection after ${code}`, () => server.connections > before);
      await messenger.ready();
    }
  });

  it('stops after 4503 and says why', async () => {
    await open().ready();
    server.closeAll(4503);
    await until(messenger.store, 'the end', () => messenger.state === 'stopped');
    await expect(messenger.ready()).rejects.toMatchObject({ code: 'stopped', retry: 'never' });
    await expect(messenger.chat('any').markRead(1)).rejects.toMatchObject({ code: 'stopped' });
    expect(server.connections).toBe(1);
  });

  it('has no session any more when the server takes one for somebody else after a break, and sends nothing', async () => {
    server.answers['send'] = () => undefined;
    await open().ready();
    messenger.chat('any').send('by Alice');
    await until(messenger.store, 'the message', () => server.frames.some(({ type }) => type === 'send'));
    const mallory = { ...(server.ready()['user'] as object), id: '0197a3c2-7d4e-7cc1-9a55-0c2f4be7d0a9' };
    server.answers['login'] = () => ({ ...server.ready(), user: mallory });
    server.closeAll(1012);
    await until(messenger.store, 'the end', () => messenger.state === 'stopped');
    expect(server.frames.filter(({ type }) => type === 'send')).toHaveLength(1);
  });

  it('has no session any more after 4502', async () => {
    const storage = memoryStorage();
    await open({ storage }).ready();
    const ended = new Promise<MessengerError>((resolve) =>
      messenger.on('session_ended', ({ error }) => resolve(error)),
    );
    server.closeAll(4502);
    expect(await ended).toMatchObject({ code: 'session_revoked', retry: 'new' });
    expect(await storage.get('messenger:session')).toBeUndefined();
  });

  it('gets a new token after 4501, then logs in', async () => {
    await open().ready();
    server.closeAll(4501);
    await until(messenger.store, 'another login', () => server.tokens.length === 2);
    expect(server.tokens[0]).not.toBe(server.tokens[1]);
    expect(server.requests).toEqual(['/api/v1/auth/token', '/api/v1/auth/refresh']);
  });

  it('comes back when a server that drains wants it', async () => {
    await open().ready();
    const waits: (number | undefined)[] = [];
    messenger.on('state', ({ state, afterMs }) => state === 'offline' && waits.push(afterMs));
    server.say({ type: 'closing', after_ms: 300 });
    server.closeAll(4009);
    await until(messenger.store, 'the pause', () => waits.length === 1);
    expect(waits[0]).toBeGreaterThanOrEqual(300);
    await messenger.ready();
  });

  it('every code has one meaning', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 4999 }), (code) => {
        const expected = code === 4501 ? 'renew' : code === 4502 ? 'ended' : code >= 4500 ? 'stop' : 'again';
        expect(verdictOf(code)).toBe(expected);
      }),
    );
  });

  it('pauses grow to 30 s and are anywhere below that', () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (failures, random) => {
        const most = Math.min(30_000, 500 * 2 ** Math.min(failures, 10));
        expect(pauseMs(failures, random)).toBe(Math.floor(random * most));
      }),
    );
  });
});

describe('on a connection', () => {
  it('a silent server is pinged, and nothing happens while it answers', async () => {
    server.heartbeatMs = 50;
    await open().ready();
    await until(messenger.store, 'three pings', () => server.frames.filter(({ type }) => type === 'ping').length >= 3);
    expect(server.connections).toBe(1);
  });

  it('a request that is not answered in time is an error, and the connection stays', async () => {
    server.answers['get_users'] = () => undefined;
    const clock = new HandClock();
    await open({ clock, requestTimeoutMs: 100 }).ready();
    const asked = messenger.getUsers(['x']);
    await until(messenger.store, 'the question', () => server.frames.some(({ type }) => type === 'get_users'));
    clock.pass(100);
    await expect(asked).rejects.toMatchObject({ code: 'timeout', retry: 'same' });
    expect(messenger.state).toBe('online');
  });

  it('what the server may say in future breaks nothing', async () => {
    await open().ready();
    server.say({ type: 'horoscope', text: 'good' });
    server.say({ type: 'message', without: 'anything' });
    await until(messenger.store, 'the error', () => errors.length === 1);
    expect(errors[0]).toMatchObject({ code: 'bad_answer' });
    expect(messenger.state).toBe('online');
  });

  it('reads everything anew when what it knows is of another life of the database', async () => {
    server.answers['resume'] = () => ({
      type: 'error',
      code: 'resume_not_possible',
      message: 'anew',
      retry: 'never',
    });
    await open().ready();
    server.closeAll(1012);
    await until(
      messenger.store,
      'the second list',
      () => server.frames.filter((one) => one.type === 'list_chats').length === 2,
    );
    await messenger.ready();
    expect(errors).toEqual([]);
  });

  it('reads everything anew as well when it learns that on a connection that stands', async () => {
    await open().ready();
    server.answers['resume'] = () => ({ type: 'error', code: 'resume_not_possible', message: 'anew', retry: 'never' });
    server.say({ type: 'lag', chats: [] });
    const lists = () => server.frames.filter(({ type }) => type === 'list_chats').length;
    await until(messenger.store, 'the second list', () => lists() === 2);
    expect(server.connections).toBe(1);
  });

  it('connects again when the socket ends in the moment in which it is logged in', async () => {
    let isFirst = true;
    class Abrupt extends WebSocket {
      override emit(event: string | symbol, ...told: unknown[]): boolean {
        const isHeard = super.emit(event, ...told);
        if (event === 'message' && isFirst) {
          isFirst = false;
          super.emit('close', 1006, Buffer.of());
        }
        return isHeard;
      }
    }
    await open({ WebSocket: Abrupt }).ready();
    expect(server.connections).toBe(2);
  });

  it('reads nothing anew when it was closed meanwhile', async () => {
    let release: (() => void) | undefined;
    const storage = memoryStorage();
    const slow: Storage = {
      ...storage,
      delete: (key) => (key === 'messenger:sync' ? new Promise((resolve) => (release = resolve)) : storage.delete(key)),
    };
    await open({ storage: slow }).ready();
    server.answers['resume'] = () => ({ type: 'error', code: 'resume_not_possible', message: 'anew', retry: 'never' });
    server.say({ type: 'lag', chats: [] });
    await until(messenger.store, 'the refusal', () => release);
    await messenger.close();
    release!();
    await new Promise((resolve) => void setImmediate(resolve));
    expect(errors).toEqual([]);
  });

  it('nothing of a messenger goes on when it was closed', async () => {
    const running = new Set<() => void>();
    const clock: Clock = {
      now: systemClock.now,
      after(waitMs, callback) {
        const stop = systemClock.after(waitMs, () => {
          running.delete(end);
          callback();
        });
        const end = () => {
          running.delete(end);
          stop();
        };
        running.add(end);
        return end;
      },
    };
    await open({ clock, storage: memoryStorage() }).ready();
    // The next connection does not get to know what there is, and tries again after a while.
    server.answers['resume'] = () => ({ type: 'error', code: 'internal', message: 'a bug', retry: 'same' });
    server.closeAll(1012);
    await until(messenger.store, 'the failure', () => errors.length > 0);
    await messenger.close();
    messenger.chat('any').close();
    expect([...running]).toEqual([]);
  });

  it('tokens and passwords are not in what is shown of the wire', async () => {
    const shown: string[] = [];
    open().on('frame', ({ text }) => shown.push(text));
    await messenger.ready();
    expect(shown[0]).toContain('"login"');
    expect(shown.join('\n')).not.toContain('access 1');
  });
});

describe('messages on a slow road', () => {
  const toAck = ({ chat_id, client_id, ref }: Record<string, unknown>, seq: number) => ({
    type: 'ack',
    ref,
    chat_id,
    client_id,
    id: client_id,
    seq,
    version: seq,
    timestamp: '2025-05-04T04:45:50Z',
    duplicate: false,
  });
  const chatId = '0197a3c2-7d4e-7cc1-9a55-0c2f4be7d0a2';
  const sends = () => server.frames.filter(({ type }) => type === 'send');

  it('an ack that comes after its time-out settles its message', async () => {
    server.answers['send'] = () => undefined;
    const clock = new HandClock();
    await open({ clock, requestTimeoutMs: 100, random: () => 0.99 }).ready();
    const { stored } = messenger.chat(chatId).send('slow');
    await until(messenger.store, 'the message', () => sends().length === 1);
    clock.pass(100);
    await until(messenger.store, 'the time-out', () => messenger.store.get('outbox')[0]?.status === 'queued');
    server.say(toAck(sends()[0]!, 1));
    expect(await stored).toMatchObject({ seq: 1 });
    expect(sends()).toHaveLength(1);
  });

  it('none is said twice while the server acknowledges one after the other', async () => {
    const waiting: Record<string, unknown>[] = [];
    server.answers['send'] = (frame) => void waiting.push(frame);
    const clock = new HandClock();
    await open({ clock, requestTimeoutMs: 400 }).ready();
    const sendings = Array.from({ length: 100 }, (_, i) => messenger.chat(chatId).send(`${i}`).stored);
    for (const [i, stored] of sendings.entries()) {
      await until(messenger.store, 'the next one', () => waiting.length > 0);
      clock.pass(15);
      server.say(toAck(waiting.shift()!, i + 1));
      await stored;
    }
    expect(sends()).toHaveLength(100);
    expect(sends()[1]!['after']).toBe(sends()[0]!['client_id']);
  });
});

describe('waking', () => {
  const waitFor = (frame: string) =>
    until(messenger.store, frame, () => server.frames.some(({ type }) => type === frame));

  it('a connection that stands is pinged at once', async () => {
    await open().ready();
    messenger.wake();
    await waitFor('ping');
    expect(server.connections).toBe(1);
  });

  it('again and again does not give a dead connection more time', async () => {
    const clock = new HandClock();
    server.answers['ping'] = () => undefined;
    const states: string[] = [];
    await open({ clock }).ready();
    messenger.on('state', ({ state }) => states.push(state));
    for (let seconds = 0; seconds < 12; seconds++) {
      messenger.wake();
      clock.pass(1_000);
    }
    expect(states).toContain('offline');
  });

  it('just before the end of a connection is noticed spares one pause, but not the next', async () => {
    const waits: number[] = [];
    await open({ random: () => 0.9 }).ready();
    messenger.on('state', ({ state, afterMs }) => state === 'offline' && waits.push(afterMs!));
    messenger.wake();
    server.closeAll(1012);
    await until(messenger.store, 'the first pause', () => waits.length === 1);
    await messenger.ready();
    server.closeAll(1012);
    await until(messenger.store, 'the second pause', () => waits.length === 2);
    expect(waits[0]).toBe(0);
    expect(waits[1]).toBeGreaterThan(0);
  });
});

describe('the session', () => {
  const openSession = (auth: ConnectOptions['auth'], storage = memoryStorage(), fetching: FetchLike = fetch) => {
    const clock = new HandClock();
    const session = new Session({
      auth,
      http: new Http({ url: server.url, fetch: fetching, withCookie: false }),
      storage,
      key: 'session',
      clock,
      requestTimeoutMs: 100,
      onError: (error) => errors.push(error),
    });
    return { clock, storage, session };
  };

  it('refreshes once, however many ask', async () => {
    const { session } = openSession({ refreshToken: 'given' });
    const tokens = await Promise.all(Array.from({ length: 10 }, () => session.token()));
    expect(new Set(tokens)).toEqual(new Set(['access 1']));
    expect(server.requests).toEqual(['/api/v1/auth/refresh']);
  });

  it('has the next refresh token in the storage before anybody uses what came with it', async () => {
    const { session, storage } = openSession({ refreshToken: 'given' });
    await session.token();
    expect(await storage.get('session')).toBe('refresh 1');
  });

  it('goes on with what an earlier run stored, and takes the password when that has ended', async () => {
    const storage = memoryStorage();
    await storage.set('session', 'old');
    server.statuses.push(401);
    const { session } = openSession({ identifier: 'alice', password: 'secret' }, storage);
    expect(await session.token()).toBe('access 2');
    expect(server.requests).toEqual(['/api/v1/auth/refresh', '/api/v1/auth/token']);
  });

  it('has ended when the server says so, and forgets what was stored', async () => {
    server.statuses.push(401);
    const { session, storage } = openSession({ refreshToken: 'given' });
    await expect(session.token()).rejects.toMatchObject({ code: 'not_authenticated' });
    expect(session.ended).toBeDefined();
    await expect(session.token()).rejects.toMatchObject({ code: 'not_authenticated' });
    expect(server.requests).toHaveLength(1);
    expect(await storage.get('session')).toBeUndefined();
  });

  it('is asked for again when the server does not answer in time', async () => {
    let asked = 0;
    const silentAtFirst: FetchLike = (url, request) =>
      asked++ === 0 ? new Promise(() => undefined) : fetch(url, request);
    const { session, clock } = openSession({ refreshToken: 'given' }, memoryStorage(), silentAtFirst);
    const waiting = session.token();
    await expect.poll(() => asked).toBe(1);
    clock.pass(100);
    await expect(waiting).rejects.toMatchObject({ code: 'timeout', retry: 'same' });
    expect(await session.token()).toBe('access 1');
  });

  it('is out of the storage when one has logged out, however slow that is', async () => {
    const kept = memoryStorage();
    const slow: Storage = {
      ...kept,
      delete: async (key) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        await kept.delete(key);
      },
    };
    const { session } = openSession({ refreshToken: 'given' }, slow);
    await session.token();
    await session.logOut();
    expect(await kept.get('session')).toBeUndefined();
  });

  it('has not ended when the server could not be asked', async () => {
    server.statuses.push(503);
    const { session } = openSession({ refreshToken: 'given' });
    await expect(session.token()).rejects.toMatchObject({ code: 'unavailable', retry: 'same' });
    expect(await session.token()).toBe('access 2');
  });
});
