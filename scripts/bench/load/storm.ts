import type { FullServerFrame } from '../../../src/protocol/full.ts';
import { quantile } from '../support/result.ts';
import { FullClient, tokenOf } from './full-client.ts';

export interface StormInput {
  port: number;
  /** People from 0 on, each with one client. */
  people: number;
  /** Where all of them stood when they went. */
  token: string;
}

export interface Storm {
  /** From the first handshake to the last answer. */
  allMs: number;
  p50Ms: number;
  p99Ms: number;
  /** Chats they were told of, together. */
  chats: number;
  /** Clients that were turned away, and why the first of them was. */
  refused: number;
  refusal: string | undefined;
}

let present: FullClient[] = [];

/** All clients connect at the same moment, log in by a frame and resume, each as soon as it may. */
export async function storm({ port, people, token }: StormInput): Promise<Storm> {
  const tokens = Array.from({ length: people }, (_, person) => tokenOf(person));
  const times: number[] = [];
  const refusals: string[] = [];
  let chats = 0;
  const startedAt = performance.now();
  await Promise.all(
    tokens.map(async (access) => {
      const client = new FullClient();
      present.push(client);
      try {
        await client.open({ port, token: access });
        const changed = await client.ask('resume', { token });
        chats += (changed as FullServerFrame<'changed'>).chats.length;
        times.push(performance.now() - startedAt);
      } catch (error) {
        refusals.push(String(error));
      }
    }),
  );
  const allMs = performance.now() - startedAt;
  const [p50Ms, p99Ms] = times.length === 0 ? [0, 0] : [quantile(times, 0.5), quantile(times, 0.99)];
  return { allMs, p50Ms, p99Ms, chats, refused: refusals.length, refusal: refusals[0] };
}

/** All of them lose their network at once. */
export function dropAll(): Promise<void> {
  for (const client of present) client.drop();
  present = [];
  return Promise.resolve();
}
