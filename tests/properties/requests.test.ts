import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { endpoints } from '../../src/protocol/api.ts';
import type { Endpoint } from '../../src/protocol/endpoint.ts';
import { createActor, createGroup, type Actor } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { mutated, text, toArbitrary } from './valid.ts';

interface Request {
  params: unknown;
  query: unknown;
  body: unknown;
}

/** Calls after which nobody else in this file could go on. */
const isEnding = ({ method, path }: Endpoint): boolean =>
  path.includes('logout') || (method === 'delete' && path.endsWith('sessions'));

describe('whatever requests an endpoint is sent', () => {
  let server: TestServer;
  let alice: Actor;
  let known: fc.Arbitrary<unknown>;

  beforeAll(async () => {
    server = await startTestServer();
    let bob: Actor;
    [alice, bob] = await Promise.all([createActor(server, 'Alice'), createActor(server, 'Bob')]);
    const { chatId } = await createGroup(server, [alice, bob]);
    known = fc.oneof(
      fc.constantFrom(alice.id, bob.id, chatId, alice.email, alice.password, '1', 'end'),
      fc.uuid(),
      text,
    );
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const part = (schema: z.ZodType | undefined): fc.Arbitrary<unknown> => {
    if (!schema) return fc.constant(undefined);
    const valid = toArbitrary(schema, known);
    return fc.oneof(valid, mutated(valid));
  };
  const toText = (value: unknown): string =>
    typeof value === 'string' ? value.toWellFormed() : (JSON.stringify(value) ?? '');

  const call = (endpoint: Endpoint, { params, query, body }: Request): Promise<Response> => {
    const values = (params ?? {}) as Record<string, unknown>;
    const path = endpoint.path.replaceAll(/:(\w+)/g, (_all, name: string) => encodeURIComponent(toText(values[name])));
    const search = new URLSearchParams(
      Object.entries(query ?? {}).map(([key, value]): [string, string] => [key, toText(value)]),
    );
    return fetch(`${server.url}${path}?${search.toString()}`, {
      method: endpoint.method.toUpperCase(),
      headers: { 'content-type': 'application/json', ...alice.authorization },
      ...(body === undefined || endpoint.method === 'get' ? {} : { body: JSON.stringify(body) }),
    });
  };

  it.each(
    endpoints
      .filter((endpoint) => !isEnding(endpoint))
      .map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint] as const),
  )('%s answers as it says, and never with a 5xx', async (_id, endpoint) => {
    const request = fc.record({
      params: part(endpoint.params),
      query: part(endpoint.query),
      body: part(endpoint.body),
    });
    await fc.assert(
      fc.asyncProperty(request, async (given) => {
        const answer = await call(endpoint, given);
        const content = await answer.text();
        expect([answer.status, content].join(' ')).not.toMatch(/^5/);
        if (answer.status >= 400) expect(JSON.parse(content)).toHaveProperty('code');
        expect(server.bugs).toEqual([]);
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });
});
