/** The ways in for sockets, each with the frames that its clients send. */
import { TestSocket } from '../../support/socket.ts';
import type { Things } from './world.ts';

/** Who speaks, and about what. */
export interface Scene extends Things {
  /** The speaker's id. */
  selfId: string;
}

export interface Entrance {
  /** Where it is for a token; `undefined`: without one. */
  address(scene: Things, token: string | undefined): string;
  /** The token goes in a header. */
  byHeader?: true;
  /** What the handshake offers. */
  protocols?: string[];
  /** What a bad token is answered: an HTTP status, or what is said before the close and its code. */
  refusal: number | { said: readonly string[]; code: number };
  /** Without any token: as `refusal`, unless it says otherwise; `open`: anybody may come in. */
  withoutToken?: number | 'open';
  /** A frame that changes nothing and is always answered. */
  fence: unknown;
  fenceAnswer: RegExp;
}

const invalidToken = { said: ['{"error":"Недействительный токен"}'], code: 1008 };
const search = (token: string | undefined): string => (token === undefined ? '' : `?token=${token}`);
const actionsEntrance = {
  refusal: { said: [], code: 4001 },
  fence: { action: '?' },
  fenceAnswer: /Неизвестное действие/,
};

export const entrances = {
  plain: {
    address: () => '/ws',
    byHeader: true,
    refusal: 401,
    withoutToken: 'open',
    fence: { 'nothing else': true },
    fenceAnswer: /"type":"missing"/,
  },
  'plain, double-encoded': {
    address: () => '/ws?wire=string',
    byHeader: true,
    refusal: 401,
    withoutToken: 'open',
    fence: { 'nothing else': true },
    fenceAnswer: /missing/,
  },
  direct: {
    address: ({ personId }, token) => `/ws/${personId}/${token ?? ''}`,
    refusal: 401,
    // The address of another dialect, which wants its token elsewhere.
    withoutToken: 403,
    fence: '',
    fenceAnswer: /empty/,
  },
  lobby: {
    address: (_things, token) => `/messenger/ws/${search(token)}`,
    refusal: 401,
    fence: '',
    fenceAnswer: /Пустое/,
  },
  actions: {
    ...actionsEntrance,
    address: (_things, token) => `/ws${search(token ?? '')}`,
  },
  'actions under /api/v1': {
    ...actionsEntrance,
    address: (_things, token) => `/api/v1/ws${search(token)}`,
  },
  full: {
    address: () => '/ws',
    byHeader: true,
    protocols: ['messenger.v1'],
    refusal: 401,
    withoutToken: 'open',
    fence: { type: 'ping', ref: 'fence' },
    fenceAnswer: /^\{"type":"pong","ref":"fence"\}$/,
  },
  'rooms, of a chat': {
    address: ({ chatId }, token) => `/ws/${chatId}${search(token)}`,
    refusal: invalidToken,
    withoutToken: 403,
    fence: [],
    fenceAnswer: /Кадр должен быть/,
  },
  'rooms, of a person': {
    address: (_things, token) => `/ws/user${search(token)}`,
    refusal: invalidToken,
    withoutToken: 403,
    // Nothing that is said there is ever answered.
    fence: undefined,
    fenceAnswer: /$^/,
  },
} as const satisfies Record<string, Entrance>;

export type EntranceName = keyof typeof entrances;
export const entranceNames = Object.keys(entrances) as EntranceName[];
export const entranceOf = (name: EntranceName): Entrance => entrances[name];

/** How a handshake ended: refused by HTTP, let in and closed, or open. */
export type Handshake = { status: number } | { said: string[]; code: number } | { socket: TestSocket; said: string[] };

/** Opens a socket and waits until it is clear whether it stays open. */
export async function enter(
  wsUrl: string,
  name: EntranceName,
  things: Things,
  token: string | undefined,
): Promise<Handshake> {
  const { address, byHeader, protocols, fence, fenceAnswer } = entranceOf(name);
  const headers: Record<string, string> = byHeader && token !== undefined ? { authorization: `Bearer ${token}` } : {};
  let socket: TestSocket;
  try {
    socket = await TestSocket.open(wsUrl + address(things, token), headers, protocols);
  } catch (error) {
    return { status: Number(/\d{3}/.exec((error as Error).message)?.[0]) };
  }
  if (fence === undefined) await socket.until('a word', () => socket.received.length > 0);
  else socket.send(fence);
  // What was changed before may be told behind the answer.
  const findEnd = (): number => socket.received.findIndex((text) => fenceAnswer.test(text));
  if (fence === undefined) {
    if (socket.received[0]!.includes('error')) await socket.closed();
  } else await socket.until('an answer', () => findEnd() >= 0 || socket.closeCode !== undefined);
  if (socket.closeCode !== undefined) return { said: socket.received, code: socket.closeCode };
  return { socket, said: fence === undefined ? socket.received.slice() : socket.received.slice(0, findEnd()) };
}

/** What a frame is answered with, in order: everything that comes before the answer to a frame behind it. */
export async function answersOf(socket: TestSocket, name: EntranceName, frame: unknown): Promise<string[]> {
  const { fence, fenceAnswer } = entranceOf(name);
  const before = socket.received.length;
  socket.send(frame);
  socket.send(fence);
  const findEnd = (): number => socket.received.findIndex((text, i) => i >= before && fenceAnswer.test(text));
  await socket.until('an answer', () => socket.closeCode !== undefined || findEnd() >= 0);
  return socket.received.slice(before, findEnd());
}
