import type { ErrorRequestHandler } from 'express';
import type { Logger } from 'pino';
import { ProtocolError } from '../../protocol/errors.ts';
import { failureOf } from '../db/failure.ts';

/** The JSON body of an HTTP error. */
export const toErrorBody = (error: ProtocolError): Record<string, unknown> => ({
  detail: error.detail,
  code: error.code,
  message: error.message,
  retry: error.retry,
});

/** What body-parser, Express and the router throw for a client's mistakes, in the catalogue's words. */
function toProtocolError(error: unknown): ProtocolError | undefined {
  if (error instanceof ProtocolError) return error;
  if (failureOf(error) === 'wait') return new ProtocolError('unavailable');
  if (typeof error !== 'object' || error === null || !('status' in error)) return undefined;
  switch (error.status) {
    case 400:
      return new ProtocolError('malformed_json');
    case 413:
      return new ProtocolError('too_large');
    case 415:
      return new ProtocolError('unsupported_media_type');
    default:
      return typeof error.status === 'number' && error.status >= 400 && error.status < 500
        ? new ProtocolError('invalid_request', { message: 'The request is not valid.' })
        : undefined;
  }
}

/** The HTTP edge where errors end: a ProtocolError is answered, anything else is logged once and answered as `internal`. */
export const errorEdge =
  (log: Logger): ErrorRequestHandler =>
  (thrown: unknown, request, response, next) => {
    if (response.headersSent) {
      next(thrown);
      return;
    }
    let error = toProtocolError(thrown);
    if (!error) {
      log.error(
        { err: thrown, method: request.method, route: (request.route as { path?: string } | undefined)?.path },
        'request failed',
      );
      error = new ProtocolError('internal');
    }
    if (error.status === 401) response.setHeader('www-authenticate', 'Bearer');
    if (error.afterMs !== undefined || error.status === 503)
      response.setHeader('retry-after', String(Math.ceil((error.afterMs ?? 1_000) / 1_000)));
    response.status(error.status).json(toErrorBody(error));
  };
