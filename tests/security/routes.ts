import type http from 'node:http';
import { createRequire, syncBuiltinESMExports } from 'node:module';

export interface Layer {
  route?: { path: string; methods: Record<string, boolean> };
  handle: { stack?: Layer[] };
}

/**
 * The routes of the Express application that a server made while `start` ran, as `get /path`. It is caught where the
 * application is handed to node:http, so nothing that answers requests can stay out of sight.
 */
export async function listRoutesOf<T>(start: () => Promise<T>): Promise<{ started: T; routes: string[] }> {
  const modules = createRequire(import.meta.url)('node:http') as typeof http;
  const original = modules.createServer;
  let application: { router: { stack: Layer[] } } | undefined;
  const createServer = original as (...args: unknown[]) => http.Server;
  modules.createServer = (...args: unknown[]) => {
    application = args.find((arg) => typeof arg === 'function') as typeof application & undefined;
    return createServer(...args);
  };
  syncBuiltinESMExports();
  try {
    const started = await start();
    return { started, routes: listRoutes(application!.router.stack) };
  } finally {
    modules.createServer = original;
    syncBuiltinESMExports();
  }
}

/** All routes of an application, those of routers in it too. */
export const listRoutes = (stack: Layer[]): string[] =>
  stack.flatMap(({ route, handle }) => {
    if (route) return Object.keys(route.methods).map((method) => `${method} ${route.path}`);
    return handle.stack ? listRoutes(handle.stack) : [];
  });
