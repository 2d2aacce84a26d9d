/**
 * Sees every answer that an Express application in this process ends, and keeps what the document does not say about it.
 * It stands at node:http, below whatever a server does to its answers. What compares is loaded with the first answer:
 * most test files have none.
 */
import { ServerResponse, type IncomingMessage } from 'node:http';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { listRoutes, type Layer } from '../../security/routes.ts';
import type * as checkModule from './check.ts';
import { pages } from './pages.ts';

interface Application {
  router: { stack: Layer[] };
}

/** A request as Express extends it. */
type Request = IncomingMessage & { app?: Application; route?: { path: string } };

interface Seen extends checkModule.Answer {
  app: Application;
  url: string;
}

type Check = typeof checkModule;

const exempt = new Set(pages);
const mistakes: string[] = [];
const waiting: Seen[] = [];
let loading: Promise<void> | undefined;
let check: Check | undefined;

/** What was found since this was last asked. */
export async function takeMistakes(): Promise<string[]> {
  await loading;
  return mistakes.splice(0);
}

async function loadCheck(): Promise<void> {
  check = await import('./check.ts');
  for (const seen of waiting.splice(0)) judge(check, seen);
}

const chunksOf = new WeakMap<ServerResponse, Buffer[]>();

function keep(response: ServerResponse, [chunk, encoding]: unknown[]): void {
  if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return;
  if (!isWatched(response.req)) return;
  const chunks = chunksOf.get(response) ?? [];
  chunksOf.set(response, chunks);
  const named = typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8';
  chunks.push(typeof chunk === 'string' ? Buffer.from(chunk, named) : Buffer.from(chunk));
}

const isWatched = ({ app, route, method = '' }: Request): boolean =>
  app !== undefined && method !== 'OPTIONS' && !exempt.has(`${toAsked(method)} ${route?.path ?? ''}`);

const toAsked = (method: string): string => (method === 'HEAD' ? 'get' : method.toLowerCase());

const real = new WeakMap<Application, boolean>();

/** A server with endpoints of people; a toy of a test has routes of its own, which the contract knows nothing about. */
function isReal({ isEndpoint }: Check, app: Application): boolean {
  const known =
    real.get(app) ??
    listRoutes(app.router.stack).some((id) => {
      const [method = '', path = ''] = id.split(' ');
      return path.startsWith('/api/') && isEndpoint(method, path);
    });
  real.set(app, known);
  return known;
}

function judge(by: Check, { app, url, ...answer }: Seen): void {
  const { method, route } = answer;
  if (!isReal(by, app) && (route === undefined || !by.isEndpoint(toAsked(method), route))) return;
  const mistake = by.findAnswerMistake(answer);
  if (mistake !== undefined) mistakes.push(`${mistake} (${url})`);
}

const decoders: Record<string, (bytes: Buffer) => Buffer> = {
  gzip: gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

function see(response: ServerResponse): void {
  const request = response.req as Request;
  if (!request.app || !isWatched(request)) return;
  const bytes = Buffer.concat(chunksOf.get(response) ?? []);
  const decode = decoders[String(response.getHeader('content-encoding') ?? '')];
  const seen: Seen = {
    app: request.app,
    url: request.url ?? '',
    method: request.method ?? '',
    route: request.route?.path,
    status: response.statusCode,
    type: response.getHeader('content-type')?.toString(),
    body: decode && bytes.length > 0 ? decode(bytes) : bytes,
  };
  if (check) {
    judge(check, seen);
    return;
  }
  waiting.push(seen);
  loading ??= loadCheck();
}

type Method = (this: ServerResponse, ...args: unknown[]) => unknown;

const watched = Symbol.for('messenger.answers');

/** Takes effect once in a process, however often it is called. */
export function watchAnswers(): void {
  const prototype = ServerResponse.prototype as unknown as Record<'write' | 'end', Method> & { [watched]?: true };
  if (prototype[watched]) return;
  prototype[watched] = true;
  const { write, end } = prototype;
  prototype.write = function (...args) {
    keep(this, args);
    return write.apply(this, args);
  };
  prototype.end = function (...args) {
    if (!this.writableEnded) {
      keep(this, args);
      see(this);
    }
    return end.apply(this, args);
  };
}
