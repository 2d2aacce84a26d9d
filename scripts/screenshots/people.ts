/** Those who talk: each is registered, logged in and connected by the SDK. */
import { WebSocket } from 'ws';
import { connect, type Messenger } from '../../src/client/index.ts';
import { paint, type Motif } from './pictures.ts';
import type { Person } from './story.ts';

export const password = 'nine roses in a row';

/** Where else the one in the pictures is logged in. The addresses belong to nobody: they are kept for documents. */
export const devices = [
  {
    userAgent: 'Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0',
    address: '203.0.113.7',
    usedHoursAgo: 5,
    sinceDays: 12,
  },
  {
    userAgent:
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15',
    address: '198.51.100.23',
    usedHoursAgo: 50,
    sinceDays: 40,
  },
] as const;

export type Device = Pick<(typeof devices)[number], 'userAgent' | 'address'>;

export interface Member {
  id: string;
  name: string;
  token: string;
  messenger: Messenger;
}

const json = { 'content-type': 'application/json' };

async function ask(url: string, init: RequestInit): Promise<unknown> {
  const answer = await fetch(url, init);
  if (!answer.ok) throw new Error(`${url} was refused: ${await answer.text()}`);
  return answer.json();
}

/** Registers a person and connects them. */
export async function enter(url: string, { name, username, about, picture }: Person): Promise<Member> {
  const body = JSON.stringify({ name, username, password });
  await ask(`${url}/api/v1/auth/register`, { method: 'POST', headers: json, body });
  const token = await logIn(url, username, devices[0]);
  const messenger = connect({ url, auth: { accessToken: token }, WebSocket });
  await messenger.ready();
  if (about !== undefined) await messenger.request({ method: 'PATCH', path: '/api/v1/users/me', body: { about } });
  if (picture) await upload(`${url}/api/v1/users/me/avatar`, token, picture);
  return { id: messenger.user!.id, name, token, messenger };
}

/** Logs in on a device. */
export async function logIn(url: string, identifier: string, { userAgent, address }: Device): Promise<string> {
  const headers = { ...json, 'user-agent': userAgent, 'x-forwarded-for': address };
  const body = JSON.stringify({ identifier, password });
  const answer = await ask(`${url}/api/v1/auth/token`, { method: 'POST', headers, body });
  return (answer as { access_token: string }).access_token;
}

/** Gives a person or a group a picture. */
export async function upload(url: string, token: string, motif: Motif): Promise<void> {
  const body = new FormData();
  body.set('file', new Blob([new Uint8Array(await paint(motif))], { type: 'image/png' }), `${motif}.png`);
  await ask(url, { method: 'PUT', headers: { authorization: `Bearer ${token}` }, body });
}
