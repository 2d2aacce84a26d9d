import { isUtf8 } from 'node:buffer';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { parseJson } from './json-shape.ts';

const formType = /^application\/x-www-form-urlencoded(?:\s*;\s*charset=(?:"utf-8"|utf-8))?\s*$/i;
const fileType = /^multipart\/form-data\s*;/i;
const jsonType = /^application\/json(?:\s*;\s*charset=(?:"utf-8"|utf-8))?\s*$/i;
const byteOrderMark = 0xfeff;

const readBytes = express.raw({ type: () => true, limit: limits.json.maxBytes });

/** How a request's body is written; undefined without a body. */
export function bodyKindOf(request: Request): 'json' | 'form' | 'file' | undefined {
  if (!hasBody(request)) return undefined;
  const type = request.headers['content-type'] ?? '';
  if (fileType.test(type)) return 'file';
  return formType.test(type) ? 'form' : 'json';
}

/**
 * Reads a JSON body or the fields of a form into `request.body`; without a body it stays undefined, and a multipart form is
 * left to the endpoint that takes one. The text's shape is checked before it is parsed, which Express's own parsers have
 * no place for. Whether the endpoint takes a form is its own matter.
 *
 * Throws `unsupported_media_type`, `too_large`, `too_deep`, `malformed_json`.
 */
export const readBody: RequestHandler = (request, response, next) => {
  if (!hasBody(request) || bodyKindOf(request) === 'file') {
    next();
    return;
  }
  refuseByHead(request, response);
  const isLate = limitReading(request, response);
  readBytes(request, response, (error?: unknown) => {
    if (isLate()) return;
    // Nobody above this callback would catch.
    let mistake = error;
    try {
      if (mistake === undefined) parseBody(request);
    } catch (thrown) {
      mistake = thrown;
    }
    next(mistake);
  });
};

/**
 * Answers 408 and lets go when a body takes longer than a request may; node's own bound is that of uploads, which are the
 * longest. Answers whether that has happened.
 */
function limitReading(request: Request, response: Response): () => boolean {
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    response.writeHead(408, { connection: 'close' }).end();
  }, limits.http.requestMs).unref();
  request.once('close', () => clearTimeout(timer));
  request.once('end', () => clearTimeout(timer));
  return () => late;
}

const hasBody = ({ headers }: Request): boolean =>
  headers['transfer-encoding'] !== undefined ||
  (headers['content-length'] !== undefined && headers['content-length'] !== '0');

/** What the head already says: refused without reading what follows, and without keeping the connection for it. */
function refuseByHead({ headers }: Request, response: Response): void {
  if (Number(headers['content-length'] ?? 0) > limits.json.maxBytes) {
    response.setHeader('connection', 'close');
    throw new ProtocolError('too_large');
  }
  const type = headers['content-type'];
  if (type !== undefined && !jsonType.test(type) && !formType.test(type))
    throw new ProtocolError('unsupported_media_type');
}

function parseBody(request: Request): void {
  const bytes = request.body as unknown;
  request.body = undefined;
  if (!(bytes instanceof Buffer) || bytes.length === 0) return;
  if (request.headers['content-type'] === undefined) throw new ProtocolError('unsupported_media_type');
  if (!isUtf8(bytes)) throw new ProtocolError('malformed_json');
  const text = bytes.toString('utf8');
  if (bodyKindOf(request) === 'form') {
    request.body = parseForm(text);
    return;
  }
  request.body = parseJson(text.charCodeAt(0) === byteOrderMark ? text.slice(1) : text);
}

/** The fields of a form; of several with one name the last. */
function parseForm(text: string): Record<string, string> {
  const fields = [...new URLSearchParams(text)];
  if (fields.length > limits.json.maxKeys) throw new ProtocolError('too_deep');
  return Object.fromEntries(fields);
}
