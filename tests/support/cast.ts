import { randomUUID } from 'node:crypto';
import { TestSocket, type Frame } from './socket.ts';

/** A person with an account. */
export interface Actor {
  id: string;
  name: string;
  email: string;
  password: string;
  token: string;
  authorization: { authorization: string };
}

interface Place {
  url: string;
  wsUrl: string;
}

async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return response.status === 204 ? undefined : response.json();
}

/** Registers somebody and logs them in over HTTP. */
export async function createActor({ url }: Place, name: string): Promise<Actor> {
  const email = `${name.toLowerCase()}-${randomUUID().slice(0, 8)}@example.com`;
  const password = `the password of ${name}`;
  const { id } = (await post(`${url}/api/v1/auth/register`, { name, email, password })) as { id: string };
  const { access_token: token } = (await post(`${url}/api/v1/auth/token`, { email, password })) as {
    access_token: string;
  };
  return { id, name, email, password, token, authorization: { authorization: `Bearer ${token}` } };
}

/** The same for several people, in the order of their names. */
export const createActors = <const N extends readonly string[]>(
  place: Place,
  ...names: N
): Promise<{ [K in keyof N]: Actor }> =>
  Promise.all(names.map((name) => createActor(place, name))) as Promise<{ [K in keyof N]: Actor }>;

/** A plain socket on which somebody has logged in by a frame. */
export async function logIn(place: Place, actor: Pick<Actor, 'email' | 'password'>): Promise<TestSocket> {
  const socket = await TestSocket.open(`${place.wsUrl}/ws`);
  const answer = await socket.ask({ email: actor.email, password: actor.password });
  if (answer.type !== 'auth_success') throw new Error(`not logged in: ${JSON.stringify(answer)}`);
  return socket;
}

/** A group of these people, made by the first; over HTTP, so that no frame of anybody's is used up. */
export async function createGroup(
  { url }: Place,
  members: Actor[],
  name = 'A group',
): Promise<{ chatId: string; groupId: string }> {
  const [creator, ...others] = members;
  const group = (await post(
    `${url}/api/v1/chats/group`,
    { name, member_ids: others.map((actor) => actor.id) },
    creator!.authorization,
  )) as { id: string; group_id: string };
  return { chatId: group.id, groupId: group.group_id };
}

/** A message frame of the plain dialect. */
export const messageFrame = (
  sender: Pick<Actor, 'id'>,
  chatId: string,
  text: string,
  clientId: string = randomUUID(),
): Frame => ({
  client_id: clientId,
  sender_id: sender.id,
  chat_id: chatId,
  timestamp: '2025-05-04 04:45:50+00:00',
  text,
});
