import type { IncomingHttpHeaders } from 'node:http';
import type { Request, Response, Router } from 'express';
import type { z } from 'zod';
import type { Endpoint } from '../../protocol/endpoint.ts';
import { ProtocolError, type Mistake } from '../../protocol/errors.ts';
import { toMistakes } from '../../protocol/mistakes.ts';

/** Who is asking, proved by a Bearer token or a cookie. */
export interface Caller {
  userId: string;
  sessionId: string;
  /** Proved by cookie, so the request has to come from the server's own page. */
  byCookie: boolean;
}

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;

/** The input of a handler: parsed and checked as the contract says, never raw. */
export interface Input<E extends Endpoint> {
  params: Parsed<E['params']>;
  query: Parsed<E['query']>;
  body: Parsed<E['body']>;
  caller: E['auth'] extends 'user' ? Caller : undefined;
  /** The client's address as TRUST_PROXY allows it to be known. */
  ip: string;
  headers: IncomingHttpHeaders;
}

/** What a handler answers. `json` is text that PostgreSQL or a cache has already made. */
export type Reply = { status: number; headers?: Record<string, string | string[]> } & (
  { body: unknown } | { json: string | Buffer } | { empty: true }
);

export type Handler<E extends Endpoint> = (input: Input<E>) => Promise<Reply>;

/** Finds out who sent a request; throws `not_authenticated`, `session_revoked` or `csrf`. */
export type Authenticate = (request: Request) => Promise<Caller>;

export interface Door {
  authenticate: Authenticate;
  /** Counts a request by somebody unknown; throws `rate_limited`. Without it strangers are not counted. */
  countStranger?: (ip: string) => Promise<void>;
}

/**
 * Makes routes of the contract's endpoints. The only place that parses HTTP input: all mistakes of params, query and body
 * are answered at once as 422, and only after the caller is known, so that strangers learn nothing about shapes of others'.
 */
export const mountOn =
  (router: Router, { authenticate, countStranger }: Door) =>
  <const E extends Endpoint>(endpoint: E, handle: Handler<E>): void => {
    router[endpoint.method](endpoint.path, async (request: Request, response: Response) => {
      const caller = endpoint.auth === 'user' ? await authenticate(request) : undefined;
      if (!caller) await countStranger?.(request.ip ?? '');
      const input = { ...parse(endpoint, request), caller, ip: request.ip ?? '', headers: request.headers };
      send(response, await handle(input as Input<E>));
    });
  };

function parse(endpoint: Endpoint, request: Request): Record<'params' | 'query' | 'body', unknown> {
  const mistakes: Mistake[] = [];
  const part = (schema: z.ZodType | undefined, value: unknown, place: string): unknown => {
    if (!schema) return undefined;
    const result = schema.safeParse(value, { reportInput: true });
    if (result.success) return result.data;
    mistakes.push(...toMistakes(result.error, [place]));
    return undefined;
  };
  const parsed = {
    params: part(endpoint.params, request.params, 'path'),
    query: part(endpoint.query, request.query, 'query'),
    body: part(endpoint.body, (request.body as unknown) ?? {}, 'body'),
  };
  if (mistakes.length > 0) throw new ProtocolError('invalid_request', { mistakes });
  return parsed;
}

function send(response: Response, reply: Reply): void {
  response.status(reply.status);
  if (reply.headers) response.set(reply.headers);
  if ('json' in reply) {
    response.setHeader('content-type', 'application/json; charset=utf-8');
    response.end(reply.json);
  } else if ('empty' in reply) {
    response.end();
  } else {
    response.json(reply.body);
  }
}
