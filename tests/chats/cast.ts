import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import request from 'supertest';
import { createActor, createGroup, type Actor } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/** Alice owns, bob is an admin, carol belongs, dan has left, mallory never belonged. */
export interface Group {
  chatId: string;
  path: string;
}

/** A server with people who can be asked for what they get over HTTP. */
export class Stage {
  readonly server: TestServer;
  readonly sql: postgres.Sql;
  alice!: Actor;
  bob!: Actor;
  carol!: Actor;
  dan!: Actor;
  mallory!: Actor;

  private constructor(server: TestServer) {
    this.server = server;
    this.sql = postgres(server.databaseUrl, { max: 4, onnotice: () => undefined });
  }

  static async open(options: Parameters<typeof startTestServer>[0] = {}): Promise<Stage> {
    const stage = new Stage(await startTestServer(options));
    const names = ['Alice', 'Bob', 'Carol', 'Dan', 'Mallory'];
    const people = await Promise.all(names.map((name) => createActor(stage.server, name)));
    [stage.alice, stage.bob, stage.carol, stage.dan, stage.mallory] = people as [Actor, Actor, Actor, Actor, Actor];
    return stage;
  }

  async close(): Promise<void> {
    await this.sql.end();
    const { bugs } = this.server;
    await this.server[Symbol.asyncDispose]();
    if (bugs.length > 0) throw new Error(bugs.join('\n'));
  }

  get outsiders(): Actor[] {
    return [this.dan, this.mallory];
  }

  async makeGroup(): Promise<Group> {
    const { alice, bob, carol, dan, server } = this;
    const { chatId } = await createGroup(server, [alice, bob, carol, dan]);
    const path = `/api/v1/chats/${chatId}`;
    await this.put(alice, `${path}/members/${bob.id}/role`, { role: 'admin' }).expect(200);
    await this.post(dan, `${path}/leave`, {}).expect(200);
    return { chatId, path };
  }

  async makeDirect(): Promise<Group> {
    const { body } = (await this.post(this.alice, '/api/v1/chats/personal', { member_ids: [this.bob.id] })) as {
      body: { id: string };
    };
    return { chatId: body.id, path: `/api/v1/chats/${body.id}` };
  }

  get(actor: Actor, path: string) {
    return request(this.server.url).get(path).set(actor.authorization);
  }
  post(actor: Actor, path: string, body: object) {
    return request(this.server.url).post(path).set(actor.authorization).send(body);
  }
  put(actor: Actor, path: string, body: object) {
    return request(this.server.url).put(path).set(actor.authorization).send(body);
  }
  patch(actor: Actor, path: string, body: object) {
    return request(this.server.url).patch(path).set(actor.authorization).send(body);
  }
  remove(actor: Actor, path: string) {
    return request(this.server.url).delete(path).set(actor.authorization);
  }
  say(actor: Actor, chatId: string, text: string) {
    return this.put(actor, `/api/v1/chats/${chatId}/messages/${randomUUID()}`, { text });
  }

  async versionOf(chatId: string): Promise<number> {
    const [row] = await this.sql<{ version: string }[]>`select version from chats where id = ${chatId}`;
    return Number(row!.version);
  }
}
