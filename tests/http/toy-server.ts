import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { z } from 'zod';
import { endpoint } from '../../src/protocol/endpoint.ts';
import { createHttpApp } from '../../src/server/http/app.ts';
import { mountOn } from '../../src/server/http/mount.ts';
import { createLog } from '../../src/server/log.ts';
import { createMetrics } from '../../src/server/metrics.ts';

const everybody = { anonymous: 200, stranger: 200, member: 200, former: 200 };

const echo = endpoint({
  method: 'post',
  path: '/toy/:id',
  summary: 'Answers with what it got',
  tag: 'operations',
  auth: 'public',
  whoMay: everybody,
  params: z.object({ id: z.string() }),
  body: z.unknown(),
  answers: { 200: { description: 'The same.' } },
});

const page = endpoint({ ...echo, method: 'get', query: z.object({ limit: z.coerce.number().max(200).default(50) }) });

export interface ToyServer extends AsyncDisposable {
  url: string;
  port: number;
  logged: () => string;
  node: { draining: boolean; isMigrated: () => Promise<boolean>; unsafeDurability: boolean };
}

/** The HTTP shell with one toy endpoint and no database, on a free port of loopback. */
export async function startToyServer(
  options: { corsOrigins?: string[]; publicUrl?: string; trustProxy?: number } = {},
): Promise<ToyServer> {
  let text = '';
  const sink = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const node = { draining: false, isMigrated: () => Promise.resolve(true), unsafeDurability: false };
  const app = createHttpApp({
    config: { corsOrigins: [], trustProxy: false, ...options },
    log: createLog('debug', sink),
    metrics: createMetrics(),
    node: {
      isDraining: () => node.draining,
      isMigrated: () => node.isMigrated(),
      get unsafeDurability() {
        return node.unsafeDurability;
      },
    },
    mountRoutes: (router) => {
      const mount = mountOn(router, { authenticate: () => Promise.reject(new Error('never asked')) });
      mount(echo, ({ body, params }) => Promise.resolve({ status: 200, body: { id: params.id, got: body ?? null } }));
      mount(page, ({ query }) => Promise.resolve({ status: 200, body: { rows: 'x'.repeat(query.limit * 100) } }));
      router.get('/toy/bug/here', () => {
        throw new Error('secret of the bug');
      });
      router.get('/toy/bug/halfway', (_request, response) => {
        response.write('half of an ');
        throw new Error('secret of the bug');
      });
    },
  });
  const server = createServer(app);
  await listen(server);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    node,
    logged: () => text,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const listen = (server: Server): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
