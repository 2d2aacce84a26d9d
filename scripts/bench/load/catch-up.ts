import { Agent, request } from 'node:http';
import type { FullServerFrame } from '../../../src/protocol/full.ts';
import { FullClient, tokenOf } from './full-client.ts';

interface Done {
  done: number;
  ms: number;
}

export interface SyncInput {
  chatId: string;
  after: number;
  afterSeq: number;
  limit: number;
  ms: number;
}

export interface HistoryInput {
  port: number;
  chatId: string;
  person: number;
  rows: number;
  limit: number;
  ms: number;
}

/** One client that catches up again and again, each time as if it had been away since the same moment. */
export class CatchUp {
  readonly #client = new FullClient();
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  /** Answers the resume token of the moment. */
  async open({ port, person }: { port: number; person: number }): Promise<string> {
    return (await this.#client.open({ port, token: tokenOf(person) })).resume;
  }

  /** Asks page after page until nothing is missed; `done`: rows. */
  async sync({ ms, ...place }: SyncInput): Promise<Done> {
    return repeat(ms, async () => {
      let rows = 0;
      for (let { after, afterSeq } = place, more = true; more;) {
        const { chatId: chat_id, limit } = place;
        const page = await this.#client.ask('sync', { chat_id, after, after_seq: afterSeq, limit });
        const changes = page as FullServerFrame<'changes'>;
        ({ to: after, to_seq: afterSeq, more } = changes);
        rows += changes.rows.length;
      }
      return rows;
    });
  }

  /** Reads the newest messages over HTTP, page after page; `done`: rows. */
  async readHistory({ port, chatId, person, rows, limit, ms }: HistoryInput): Promise<Done> {
    const token = tokenOf(person);
    return repeat(ms, async () => {
      let got = 0;
      for (let before: number | 'end' = 'end'; got < rows;) {
        const path = `/history/${chatId}?limit=${limit}&before=${before}`;
        const page = (await this.#get({ port, path, token })) as { seq: number }[];
        before = Math.min(...page.map(({ seq }) => seq));
        got += page.length;
      }
      return got;
    });
  }

  #get({ port, path, token }: { port: number; path: string; token: string }): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}` };
      request({ port, host: '127.0.0.1', path, agent: this.#agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const body = Buffer.concat(chunks).toString();
          if (response.statusCode === 200) resolve(JSON.parse(body));
          else reject(new Error(`no page: ${response.statusCode} ${body}`));
        });
      })
        .once('error', reject)
        .end();
    });
  }

  /** Says again and again that it is back; `done`: answers, `chats`: those of the last one. */
  async resume({ token, ms }: { token: string; ms: number }): Promise<Done & { chats: number; frames: number }> {
    const before = this.#client.frames;
    let chats = 0;
    const done = await repeat(ms, async () => {
      const changed = await this.#client.ask('resume', { token });
      chats = (changed as FullServerFrame<'changed'>).chats.length;
      return 1;
    });
    return { ...done, chats, frames: this.#client.frames - before };
  }

  /** Reads all its chats, as without a token; `done`: times. */
  async listAll({ ms, limit }: { ms: number; limit: number }): Promise<Done> {
    return repeat(ms, async () => {
      for (let before: string | null | undefined; before !== null;) {
        const page = await this.#client.ask('list_chats', { before, limit });
        before = (page as FullServerFrame<'chats'>).next;
      }
      return 1;
    });
  }
}

/** Does a task again until the time is over, at least once. */
async function repeat(ms: number, task: () => Promise<number>): Promise<Done> {
  const startedAt = performance.now();
  let done = 0;
  do done += await task();
  while (performance.now() - startedAt < ms);
  return { done, ms: performance.now() - startedAt };
}
