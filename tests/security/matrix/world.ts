/** The people and the chat that the matrices of who may do what are walked with. */
import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import type { Endpoint } from '../../../src/protocol/endpoint.ts';
import { createActor, createGroup, type Actor } from '../../support/cast.ts';
import type { TestServer } from '../../support/server.ts';

export const kinds = [
  'anonymous',
  'stranger',
  'member',
  'former',
  'admin',
  'owner',
  'blocked',
  'deactivated',
  'revoked',
] as const;
export type Kind = (typeof kinds)[number];

/** What a call is about: a thing of others, one that was deleted, one that never existed. */
export type Target = 'other' | 'deleted' | 'unknown';

export type Cast = Record<Exclude<Kind, 'anonymous'>, Actor>;

/** What can be named in a call. */
export interface Things {
  chatId: string;
  groupId: string;
  messageId: string;
  inviteId: string;
  inviteToken: string;
  sessionId: string;
  personId: string;
  username: string;
}

/** A chat as it is before a call. */
export interface World {
  cast: Cast;
  things: Record<Target, Things>;
}

const castNames: Record<keyof Cast, string> = {
  stranger: 'Stranger',
  member: 'Member',
  former: 'Former',
  admin: 'Admin',
  owner: 'Owner',
  blocked: 'Blocked',
  deactivated: 'Deactivated',
  revoked: 'Revoked',
};

const neverExisted = (): Things => ({
  chatId: randomUUID(),
  groupId: randomUUID(),
  messageId: randomUUID(),
  inviteId: randomUUID(),
  inviteToken: `made-up-${randomUUID()}`,
  sessionId: randomUUID(),
  personId: randomUUID(),
  username: `nobody-${randomUUID().slice(0, 8)}`,
});

/** Makes casts and worlds on one server. */
export class Stage {
  readonly server: TestServer;
  readonly sql: postgres.Sql;

  constructor(server: TestServer) {
    this.server = server;
    this.sql = postgres(server.databaseUrl, { max: 2, onnotice: () => undefined });
  }

  async ask(method: string, path: string, as?: Actor, body?: unknown): Promise<Response> {
    const headers = { ...as?.authorization, ...(body !== undefined && { 'content-type': 'application/json' }) };
    const init = { method: method.toUpperCase(), headers };
    return fetch(this.server.url + path, body === undefined ? init : { ...init, body: JSON.stringify(body) });
  }

  async #ask<T>(method: string, path: string, as: Actor, body?: unknown): Promise<T> {
    const response = await this.ask(method, path, as, body);
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  /** One person of each kind; who has a session that ended, or no account any more, becomes so in a world. */
  async createCast(): Promise<Cast> {
    const made = Object.entries(castNames).map(async ([kind, name]) => [kind, await createActor(this.server, name)]);
    return Object.fromEntries((await Promise.all(made)) as [keyof Cast, Actor][]) as Cast;
  }

  /** Ends the session of who is to have none, and the account of who is to be deactivated. */
  async retire({ deactivated, revoked }: Cast): Promise<void> {
    await this.#ask('post', '/api/v1/auth/logout', revoked);
    await this.#ask('post', '/api/v1/users/me/deactivate', deactivated, { current_password: deactivated.password });
  }

  /** The id of a person's newest session. */
  async sessionOf({ id }: Actor): Promise<string> {
    const [row] = await this.sql<{ id: string }[]>`
      select id from sessions where user_id = ${id} and kind = 'device' order by created_at desc limit 1`;
    return row!.id;
  }

  /** Somebody whom nobody knows yet and who never logs in. */
  async meet(): Promise<{ id: string; username: string }> {
    const person = { id: randomUUID(), username: `other-${randomUUID().slice(0, 8)}` };
    await this.sql`
      insert into users (id, name, username, email, phone)
      values (${person.id}, 'Other', ${person.username}, ${`${person.username}@example.com`},
        '+' || (10000000 + floor(random() * 1e14)::bigint))`;
    return person;
  }

  /** A group of the cast in which another one has been sent a message, that other one, and the same deleted. */
  async createWorld(cast: Cast, { withDeleted = true } = {}): Promise<World> {
    const other = await this.#createThings(cast);
    const unknown = neverExisted();
    if (!withDeleted) return { cast, things: { other, unknown, deleted: unknown } };
    const deleted = await this.#createThings(cast);
    await this.#ask('delete', `/api/v1/chats/${deleted.chatId}`, cast.owner);
    await this.sql`
      update users set name = 'Deleted account', email = null, phone = null, username = null,
        deactivated_at = now(), deleted_at = now() where id = ${deleted.personId}`;
    await this.sql`update sessions set revoked_at = now() where id = ${deleted.sessionId}`;
    return { cast, things: { other, deleted, unknown } };
  }

  async #createThings(cast: Cast): Promise<Things> {
    const other = await this.meet();
    const { owner, member, admin, former, blocked } = cast;
    const people = [owner, member, { ...member, id: other.id }, admin, former];
    const { chatId, groupId } = await createGroup(this.server, people);
    const path = `/api/v1/chats/${chatId}`;
    const sessionId = randomUUID();
    const [{ id: messageId }, { id: inviteId, token: inviteToken }] = await Promise.all([
      this.#ask<{ id: string }>('put', `${path}/messages/${randomUUID()}`, owner, { text: 'Hi' }),
      this.#ask<{ id: string; token: string }>('post', `${path}/invites`, owner, {}),
      this.#ask('put', `${path}/members/${admin.id}/role`, owner, { role: 'admin' }),
      this.sql`insert into blocks (user_id, blocked_id) values (${other.id}, ${blocked.id})`,
      this.sql`insert into sessions (id, user_id, kind, expires_at)
        values (${sessionId}, ${other.id}, 'device', now() + interval '1 day')`,
    ]);
    await this.#ask('delete', `${path}/members/${former.id}`, owner);
    const { id: personId, username } = other;
    return { chatId, groupId, messageId, inviteId, inviteToken, sessionId, personId, username };
  }

  /**
   * Everything that is stored, as one number for each table. Left out is what a request may touch whatever is answered: when
   * a session was used and a person was seen last, and which sockets were open.
   */
  async checksum(): Promise<Record<string, string>> {
    const tables = [
      'users',
      'user_words',
      'blocks',
      'reports',
      'sessions',
      'one_time_tokens',
      'chats',
      'groups',
      'chat_invites',
      'memberships',
      'messages',
      'message_reads',
      'message_edits',
      'reactions',
      'mentions',
      'drafts',
    ];
    const sums = tables.map(
      (table) => this.sql`(
        select coalesce(sum(hashtextextended((to_jsonb(t) - array['last_seen_at', 'last_used_at'])::text, 0)::numeric), 0)
          || ' of ' || count(*) from ${this.sql(table)} t) as ${this.sql(table)}`,
    );
    const columns = sums.reduce((all, one) => this.sql`${all}, ${one}`);
    const [row] = await this.sql<Record<string, string>[]>`select ${columns}`;
    return row!;
  }

  async close(): Promise<void> {
    await this.sql.end();
    const { bugs } = this.server;
    await this.server[Symbol.asyncDispose]();
    if (bugs.length > 0) throw new Error(bugs.join('\n'));
  }
}

export const hasSession = (kind: Kind): kind is Exclude<Kind, 'anonymous' | 'deactivated' | 'revoked'> =>
  kind !== 'anonymous' && kind !== 'deactivated' && kind !== 'revoked';

/** What an endpoint owes a kind: an admin gets what members get, and the owner what admins get, unless it says otherwise. */
function expectedOfOther({ auth, whoMay }: Endpoint, kind: Kind): number {
  const { anonymous, stranger, member, former, admin = member, owner = admin, blocked = stranger } = whoMay;
  // Who has no session any more is, where none is looked for, like everybody else.
  const gone = auth === 'user' ? anonymous : stranger;
  return { anonymous, stranger, member, former, admin, owner, blocked, deactivated: gone, revoked: gone }[kind];
}

/** What an endpoint owes a kind that asks for a thing of others, for a deleted one or for one that never existed. */
export function expectedOf(
  endpoint: Endpoint,
  { kind, target, about }: { kind: Kind; target: Target; about: string | undefined },
): number {
  const { auth, whoMay } = endpoint;
  if (target === 'other' || (auth === 'user' && !hasSession(kind))) return expectedOfOther(endpoint, kind);
  const unknown = whoMay.unknown ?? whoMay.stranger;
  // Of a chat, only who has been in it is told that it was there.
  const hasKnown = about !== 'chat' || kind === 'member' || kind === 'former' || kind === 'admin' || kind === 'owner';
  return target === 'deleted' && hasKnown ? (whoMay.deleted ?? unknown) : unknown;
}
