import { once } from 'node:events';
import { WebSocket } from 'ws';
import { closeCodes } from '../../../src/protocol/close-codes.ts';
import { subprotocol } from '../../../src/protocol/version.ts';
import { demand, demandEqual } from '../rule.ts';
import { logIn as logInOverHttp } from './people.ts';
import { toTyped } from './peer.ts';
import type { ServerRule } from './stage.ts';

const nobody = '00000000-0000-4000-8000-000000000000';

export const loginRules: ServerRule[] = [
  {
    id: 'login.subprotocol',
    says: 'A handshake that offers messenger.v1, among others or alone, is answered with it.',
    async check(stage) {
      for (const protocols of [[subprotocol], ['something.else', subprotocol]])
        demandEqual((await stage.open('anybody', { protocols })).protocol, subprotocol, 'the subprotocol');
    },
  },
  {
    id: 'login.version-not-spoken',
    says: 'A version that the server does not speak is refused at the handshake or closed with 4503.',
    async check({ place }) {
      const ws = new WebSocket(place.url, ['messenger.v999999']);
      ws.on('error', () => undefined);
      const [code] = (await once(ws, 'close', { signal: AbortSignal.timeout(place.patienceMs) })) as [number];
      demand([1006, closeCodes.versionNotSpoken].includes(code), `it was closed with ${code}`);
    },
  },
  {
    id: 'login.silence',
    says: 'Before the login nothing is said unasked, and only ping is answered.',
    async check(stage) {
      const peer = await stage.open('anybody');
      await peer.get('pong', { type: 'ping' });
      await peer.refused({ type: 'sync', chat_id: nobody, after: 0, after_seq: 0 }, 'not_authenticated');
      await peer.refused({ type: 'open_direct', user_id: nobody }, 'not_authenticated');
      demandEqual(peer.received.length, 3, 'the number of frames');
    },
  },
  {
    id: 'login.ready',
    says: 'A login is answered by ready with its ref: who one is, the limits, the heartbeat and a resume token.',
    async check(stage) {
      const peer = await stage.open('alice');
      const ready = toTyped('ready', await peer.ask({ ...stage.place.people.alice.login }, 7));
      demand(ready.heartbeat_ms >= 1_000, 'a heartbeat of less than a second');
      demand(ready.resume.length > 0, 'there is no resume token');
      demand(/^1\.\d+\.\d+$/.test(ready.protocol), `the version of the wire is ${ready.protocol}`);
    },
  },
  {
    id: 'login.wrong',
    says: 'A wrong password and an unknown person are refused alike, and the socket can still log in.',
    async check(stage) {
      const { alice } = stage.place.people;
      const peer = await stage.open('alice');
      const wrong = await peer.refused(
        { type: 'login', identifier: alice.login.identifier, password: 'wrong' },
        'wrong_credentials',
      );
      const unknown = await peer.refused(
        { type: 'login', identifier: `${nobody}@example.com`, password: 'wrong' },
        'wrong_credentials',
      );
      demandEqual(unknown.message, wrong.message, 'what an unknown person is told');
      await peer.refused({ type: 'login', token: 'no token' }, 'not_authenticated', 'wrong_credentials');
      await stage.logIn(peer, alice);
    },
  },
  {
    id: 'login.bearer',
    says: 'A handshake with a Bearer token is logged in: ready comes first, without a ref.',
    async check(stage) {
      const { alice } = stage.needHttp().people;
      const peer = await stage.open('alice', { headers: { authorization: `Bearer ${alice.token}` } });
      const ready = await peer.until('ready', () => peer.received[0]);
      demandEqual([ready.type, ready.ref], ['ready', undefined], 'the first frame and its ref');
    },
  },
  {
    id: 'login.in-time',
    says: 'Who does not log in within some seconds is closed with 4501.',
    async check(stage) {
      const peer = await stage.open('anybody', { patienceMs: Math.max(stage.place.patienceMs, 10_000) });
      demandEqual(await peer.closed(), closeCodes.notAuthenticated, 'the close code');
    },
  },
  {
    id: 'login.revoked',
    says: 'When a session ends, its sockets are closed with 4502.',
    async check(stage) {
      const { httpUrl, people } = stage.needHttp();
      const alice = await logInOverHttp(httpUrl, people.alice);
      const peer = await stage.open('alice');
      await stage.logIn(peer, alice);
      const answer = await fetch(`${httpUrl}/api/v1/auth/logout`, {
        method: 'POST',
        headers: { authorization: `Bearer ${alice.token}` },
      });
      demand(answer.ok, `the logout over HTTP answered ${answer.status}`);
      demandEqual(await peer.closed(), closeCodes.sessionRevoked, 'the close code');
    },
  },
];
