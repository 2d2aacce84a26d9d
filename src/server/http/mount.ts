import type { IncomingHttpHeaders } from 'node:http';
import type { Request, Response, Router } from 'express';
import type { z } from 'zod';
import type { Endpoint, Saying, Upload } from '../../protocol/endpoint.ts';
import { ProtocolError, type ErrorCode, type Mistake } from '../../protocol/errors.ts';
import { toMistakes } from '../../protocol/mistakes.ts';
import { bodyKindOf } from './body.ts';

/** Who is asking, proved by a Bearer token or a cookie. */
export interface Caller {
  userId: string;
  sessionId: string;
  /** Proved by cookie, so the request has to come from the server's own page. */
  byCookie: boolean;
}

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;

/** A file as it was uploaded: it stands on the disk until the request is answered. */
export interface UploadedFile {
  path: string;
  bytes: number;
}

/** The input of a handler: parsed and checked as the contract says, never raw. */
export interface Input<E extends Endpoint> {
  params: Parsed<E['params']>;
  query: Parsed<E['query']>;
  body: Parsed<E['body']>;
  file: E['upload'] extends Upload ? UploadedFile : undefined;
  caller: E['auth'] extends 'user' ? Caller : undefined;
  /** The client's address as TRUST_PROXY allows it to be known. */
  ip: string;
  headers: IncomingHttpHeaders;
  /** Aborted when the client goes before it is answered. */
  untilGone(): AbortSignal;
}

/** What a handler answers. `json` is text that PostgreSQL or a cache has already made, `bytes` a file's content. */
export type Reply = { status: number; headers?: Record<string, string | string[]> } & (
  | { body: unknown }
  | { json: string | Buffer }
  | { bytes: Buffer }
  | { empty: true }
);

export type Handler<E extends Endpoint> = (input: Input<E>) => Promise<Reply>;

/** Finds out who sent a request; throws `not_authenticated`, `session_revoked` or `csrf`. */
export type Authenticate = (request: Request) => Promise<Caller>;

/** Takes a request's file in; what it left on the disk goes with `remove`. `person`: who is asking, or from where. */
export type ReceiveUpload = (
  request: Request,
  response: Response,
  upload: Upload,
  person: string,
) => Promise<{ file: UploadedFile; remove(): Promise<void> }>;

export interface Door {
  authenticate: Authenticate;
  /** Counts a request by somebody unknown; throws `rate_limited`. Without it strangers are not counted. */
  countStranger?: (ip: string) => Promise<void>;
  /** Needed where endpoints take files. */
  receiveUpload?: ReceiveUpload;
}

/**
 * Makes routes of the contract's endpoints. The only place that parses HTTP input: all mistakes of params, query and body
 * are answered at once as 422, and only after the caller is known, so that strangers learn nothing about shapes of others'.
 */
export const mountOn =
  (router: Router, door: Door) =>
  <const E extends Endpoint>(endpoint: E, handle: Handler<E>): void => {
    router[endpoint.method](endpoint.path, async (request: Request, response: Response) => {
      try {
        await answer(endpoint, handle, { door, request, response });
      } catch (error) {
        throw endpoint.says ? sayOtherwise(error, endpoint.says) : error;
      }
    });
  };

async function answer(
  endpoint: Endpoint,
  handle: Handler<Endpoint>,
  { door, request, response }: { door: Door; request: Request; response: Response },
): Promise<void> {
  const caller = endpoint.auth === 'user' ? await door.authenticate(request) : undefined;
  if (!caller) await door.countStranger?.(request.ip ?? '');
  requireMedia(endpoint, request, response);
  const untilGone = (): AbortSignal => closeOf(response);
  const input = { ...parse(endpoint, request), caller, ip: request.ip ?? '', headers: request.headers, untilGone };
  const person = caller?.userId ?? input.ip;
  const received = endpoint.upload && (await door.receiveUpload!(request, response, endpoint.upload, person));
  let reply: Reply;
  try {
    reply = await handle({ ...input, file: received?.file } as Input<Endpoint>);
  } finally {
    // Before the answer: who has it may rely on nothing being left.
    await received?.remove();
  }
  send(response, reply);
}

function closeOf(response: Response): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  if (response.closed) controller.abort();
  return controller.signal;
}

/** Refuses a body of a kind that the endpoint does not take, without reading on. */
function requireMedia({ accepts = ['json'], upload }: Endpoint, request: Request, response: Response): void {
  const kind = bodyKindOf(request);
  if (kind === undefined) return;
  if (upload ? kind === 'file' : (accepts as readonly string[]).includes(kind)) return;
  if (kind === 'file') response.setHeader('connection', 'close');
  throw new ProtocolError('unsupported_media_type', upload && { message: 'Send the file as multipart/form-data.' });
}

function sayOtherwise(error: unknown, sayings: Partial<Record<ErrorCode, Saying>>): unknown {
  if (!(error instanceof ProtocolError)) return error;
  const saying = sayings[error.code];
  if (!saying) return error;
  const { code, message, mistakes, afterMs } = error;
  const detail = typeof saying.detail === 'function' ? saying.detail(error) : saying.detail;
  return new ProtocolError(code, {
    message,
    ...(mistakes && { mistakes }),
    ...(afterMs !== undefined && { afterMs }),
    ...(saying.status !== undefined && { status: saying.status }),
    ...(detail !== undefined && { detail }),
  });
}

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
  } else if ('bytes' in reply) {
    response.end(reply.bytes);
  } else if ('empty' in reply) {
    response.end();
  } else {
    response.json(reply.body);
  }
}
