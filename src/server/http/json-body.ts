import { isUtf8 } from 'node:buffer';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { parseJson } from './json-shape.ts';

const jsonType = /^application\/json(?:\s*;\s*charset=(?:"utf-8"|utf-8))?\s*$/i;
const byteOrderMark = 0xfeff;

const readBytes = express.raw({ type: () => true, limit: limits.json.maxBytes });

/**
 * Reads a JSON body into `request.body`; without a body it stays undefined. The text's shape is checked before it is
 * parsed, which Express's own JSON parser has no place for.
 *
 * Throws `unsupported_media_type`, `too_large`, `too_deep`, `malformed_json`.
 */
export const readJson: RequestHandler = (request, response, next) => {
  if (!hasBody(request)) {
    next();
    return;
  }
  refuseByHead(request, response);
  readBytes(request, response, (error?: unknown) => {
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
  if (type !== undefined && !jsonType.test(type)) throw new ProtocolError('unsupported_media_type');
}

function parseBody(request: Request): void {
  const bytes = request.body as unknown;
  request.body = undefined;
  if (!(bytes instanceof Buffer) || bytes.length === 0) return;
  if (request.headers['content-type'] === undefined) throw new ProtocolError('unsupported_media_type');
  if (!isUtf8(bytes)) throw new ProtocolError('malformed_json');
  const text = bytes.toString('utf8');
  request.body = parseJson(text.charCodeAt(0) === byteOrderMark ? text.slice(1) : text);
}
