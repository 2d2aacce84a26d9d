/** Clients of systems 000 and 001, as their README files make them. */
import { randomInt } from 'node:crypto';
import request from 'supertest';
import type { DialectPerson } from '../../src/protocol/entry.ts';
import { TestSocket } from '../support/socket.ts';

export interface Place {
  url: string;
  wsUrl: string;
}

export interface OldPerson {
  id: string;
  phone: string | undefined;
  username: string | undefined;
  email: string | undefined;
  password: string;
  token: string;
  refreshToken: string;
  authorization: { authorization: string };
}

export const newPhone = (): string => `+7${randomInt(1_000_000_000, 9_999_999_999)}`;

let people = 0;
export const newUsername = (name: string): string => `${name}_${(people++).toString(36)}_${randomInt(10_000)}`;

interface Tokens {
  access_token: string;
  refresh_token: string;
}

/** Logs in as the README of both systems says: a form with any identifier. */
export async function logInByForm({ url }: Place, username: string, password: string): Promise<Tokens> {
  const response = await request(url).post('/auth/login').type('form').send({ username, password }).expect(200);
  return response.body as Tokens;
}

const toPerson = (
  { id, phone, username, email }: DialectPerson,
  password: string,
  { access_token: token, refresh_token: refreshToken }: Tokens,
): OldPerson => ({
  id,
  phone: phone ?? undefined,
  username: username ?? undefined,
  email: email ?? undefined,
  password,
  token,
  refreshToken,
  authorization: { authorization: `Bearer ${token}` },
});

/** Somebody of system 000: a phone number and a password, more when asked for. */
export async function createDirectPerson(place: Place, more: object = {}): Promise<OldPerson> {
  const password = 'password';
  const body = { phone_number: newPhone(), password, ...more };
  const response = await request(place.url).post('/auth/register').send(body).expect(201);
  return toPerson(response.body as DialectPerson, password, await logInByForm(place, body.phone_number, password));
}

/** Somebody of system 001: an e-mail address, a username and a short password. */
export async function createLobbyPerson(place: Place, name: string): Promise<OldPerson> {
  const username = newUsername(name);
  const password = 'sesame';
  const body = { email: `${username}@example.com`, username, password };
  const response = await request(place.url).post('/users/create').send(body).expect(200);
  return toPerson(response.body as DialectPerson, password, await logInByForm(place, username, password));
}

/** A socket whose frames are lines of text. */
export class LineSocket {
  readonly socket: TestSocket;
  #read = 0;

  private constructor(socket: TestSocket) {
    this.socket = socket;
  }

  static async open(url: string): Promise<LineSocket> {
    return new LineSocket(await TestSocket.open(url));
  }

  /** All lines that came so far. */
  get lines(): readonly string[] {
    return this.socket.received;
  }

  send(line: string): void {
    this.socket.ws.send(line);
  }

  sendBinary(bytes: Buffer): void {
    this.socket.ws.send(bytes);
  }

  /** The next line that nobody asked for yet. */
  async next(): Promise<string> {
    await this.socket.until(
      'another line',
      () => this.lines.length > this.#read || this.socket.closeCode !== undefined,
    );
    const line = this.lines[this.#read++];
    if (line === undefined) throw new Error(`the socket was closed with ${this.socket.closeCode} instead of a line`);
    return line;
  }

  async take(count: number): Promise<string[]> {
    const lines: string[] = [];
    while (lines.length < count) lines.push(await this.next());
    return lines;
  }

  ask(line: string): Promise<string> {
    this.send(line);
    return this.next();
  }

  /** Proves that nothing else is on its way: an empty line is refused after everything the server had before. */
  async expectNothingElse(): Promise<void> {
    const answer = await this.ask('');
    if (!/empty|Пустое/.test(answer)) throw new Error(`unexpected line: ${answer}`);
  }

  closed(): Promise<number> {
    return this.socket.closed();
  }

  close(): Promise<void> {
    return this.socket.close();
  }
}

export const openDirect = (place: Place, person: OldPerson, receiver: { id: string }): Promise<LineSocket> =>
  LineSocket.open(`${place.wsUrl}/ws/${receiver.id}/${person.token}`);

export const openLobby = (place: Place, person: { token: string }): Promise<LineSocket> =>
  LineSocket.open(`${place.wsUrl}/messenger/ws/?token=${person.token}`);

/** What a line says behind its time, which is now. */
export function behindStamp(line: string): string {
  const [, day, month, year, hour, minute, rest = ''] =
    /^\[(\d\d)\/(\d\d)\/(\d\d) (\d\d):(\d\d)\] ([^]*)$/.exec(line) ?? [];
  const at = Date.parse(`20${year}-${month}-${day}T${hour}:${minute}:00Z`);
  if (!(Math.abs(Date.now() - at) < 120_000)) throw new Error(`not a line of now: ${line}`);
  return rest;
}
