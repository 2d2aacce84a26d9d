/**
 * The order in which a request meets the server. Cheap refusals stand before costly work, everything that answers stands
 * behind the security headers, and the error edge is last, so that no answer of Express's own ever leaves.
 */
import { randomUUID } from 'node:crypto';
import compression from 'compression';
import cors from 'cors';
import express, { type Express, type RequestHandler, type Router } from 'express';
import type { Logger } from 'pino';
import { ProtocolError } from '../../protocol/errors.ts';
import type { Config } from '../config.ts';
import { redactUrl } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { mountDocuments } from './documents.ts';
import { errorEdge } from './errors.ts';
import { readBody } from './body.ts';
import { mountOperations, operationPaths, type Node } from './operations.ts';
import { securityHeaders } from './security.ts';

export interface HttpAppOptions {
  config: Pick<Config, 'corsOrigins' | 'publicUrl' | 'trustProxy'>;
  log: Logger;
  metrics: Metrics;
  node: Node;
  /** Puts the slices' endpoints on the router. */
  mountRoutes: (router: Router) => void;
}

/** The HTTP side of a server, ready for `http.createServer`. */
export function createHttpApp({ config, log, metrics, node, mountRoutes }: HttpAppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('trust proxy', config.trustProxy);

  const router = express.Router();
  // First, because each route that does not match costs the request a little.
  mountRoutes(router);
  mountOperations(router, { node, metrics });
  mountDocuments(router);

  app.use(identify);
  app.use(observe(log, metrics));
  app.use(securityHeaders(config.publicUrl));
  if (config.corsOrigins.length > 0) app.use(crossOrigin(config.corsOrigins));
  app.use(refuseWhileDraining(node));
  app.use(refuseMalformedPath);
  app.use(compressWhenAsked);
  app.use(readBody);
  app.use(router);
  app.use(refuseOtherMethods(router));
  app.use(() => {
    throw new ProtocolError('not_found');
  });
  app.use(errorEdge(log));
  return app;
}

const requestId = /^[\w-]{1,64}$/;

/** Gives every request an id, the proxy's when it is a plain word, and answers with it. */
const identify: RequestHandler = (request, response, next) => {
  const given = request.headers['x-request-id'];
  response.setHeader('x-request-id', typeof given === 'string' && requestId.test(given) ? given : randomUUID());
  next();
};

/**
 * Counts every answer by its route pattern, and logs it: a 5xx as warning (503 is said once, by who knows why), the rest only at level debug. One line per
 * request at the ordinary level would cost more than the request.
 */
const observe =
  (log: Logger, metrics: Metrics): RequestHandler =>
  (request, response, next) => {
    const startedAt = performance.now();
    response.once('close', () => {
      const seconds = (performance.now() - startedAt) / 1_000;
      const route = (request.route as { path?: string } | undefined)?.path ?? 'none';
      const method = response.statusCode === 404 && route === 'none' ? 'any' : request.method;
      metrics.httpSeconds.observe({ method, route, status: response.statusCode }, seconds);
      const level = response.statusCode >= 500 && response.statusCode !== 503 ? 'warn' : 'debug';
      if (!log.isLevelEnabled(level)) return;
      log[level](
        {
          requestId: response.getHeader('x-request-id'),
          method: request.method,
          url: redactUrl(request.originalUrl),
          status: response.statusCode,
          finished: response.writableFinished,
          ms: Math.round(seconds * 1_000),
          ip: request.ip,
        },
        'request',
      );
    });
    next();
  };

const compress = compression({ threshold: 1_024 });

/** Compressing takes the answer's methods over, which costs also those who did not ask for it. */
const compressWhenAsked: RequestHandler = (request, response, next) => {
  if (request.headers['accept-encoding'] === undefined) next();
  else compress(request, response, next);
};

/** No credentials: the cookie is SameSite=Strict and never meant for another origin. */
const crossOrigin = (origins: string[]): RequestHandler =>
  cors({ origin: origins, exposedHeaders: ['retry-after', 'x-request-id'], maxAge: 600 });

const refuseWhileDraining =
  (node: Node): RequestHandler =>
  (request, response, next) => {
    if (!node.isDraining() || operationPaths.has(request.path)) {
      next();
      return;
    }
    response.setHeader('connection', 'close');
    throw new ProtocolError('draining');
  };

/** A path like `/%zz` or `/%00` names nothing; the router would call it a broken body, the file system worse. */
const refuseMalformedPath: RequestHandler = (request, _response, next) => {
  if (request.path.includes('%') && !isDecodable(request.path)) throw new ProtocolError('not_found');
  next();
};

function isDecodable(path: string): boolean {
  try {
    return !decodeURIComponent(path).includes('\0');
  } catch {
    return false;
  }
}

interface Patterns {
  path: string;
  methods: Set<string>;
}

/** Which methods each pattern on the router answers to. */
function listPatterns(router: Router): Patterns[] {
  const patterns = new Map<string, Set<string>>();
  for (const { route } of router.stack) {
    if (!route) continue;
    const methods = patterns.get(route.path) ?? new Set();
    for (const { method } of route.stack) methods.add(method.toUpperCase());
    if (methods.has('GET')) methods.add('HEAD');
    patterns.set(route.path, methods);
  }
  return [...patterns].map(([path, methods]) => ({ path, methods }));
}

/**
 * Answers a known address asked by a method it does not have: 405 with Allow. (OPTIONS is answered by the router itself.)
 * It matches as the routes themselves do, so the two cannot disagree about what an address is.
 */
function refuseOtherMethods(routes: Router): RequestHandler {
  const router = express.Router();
  for (const { path, methods } of listPatterns(routes)) {
    router.all(path, (_request, response, next) => {
      const known = (response.locals['allow'] as Set<string> | undefined) ?? [];
      response.locals['allow'] = new Set([...known, ...methods]);
      next();
    });
  }
  router.use((_request, response, next) => {
    const allow = response.locals['allow'] as Set<string> | undefined;
    if (!allow) {
      next();
      return;
    }
    response.setHeader('allow', [...allow].toSorted().join(', '));
    throw new ProtocolError('method_not_allowed');
  });
  return router;
}
