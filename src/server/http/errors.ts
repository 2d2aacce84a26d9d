import type { ErrorRequestHandler } from 'express';
import type { Logger } from 'pino';
import { ProtocolError } from '../../protocol/errors.ts';
import { codeOf, failureOf } from '../db/failure.ts';

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

/** A client that went away before it had its answer. */
const isGone = (thrown: unknown): boolean => codeOf(thrown) === 'ECONNABORTED';

/**
 * The HTTP edge where errors end: a ProtocolError is answered, anything else is logged once and answered as `internal`. An
 * answer that has begun can only be broken off. Nothing goes on to Express, which writes what it gets to stderr as it is.
 */
export const errorEdge =
  (log: Logger): ErrorRequestHandler =>
  // Express knows the handler of errors by its four parameters.
  (thrown: unknown, request, response, _next) => {
    const known = toProtocolError(thrown);
    if (!known && !isGone(thrown))
      log.error(
        { err: thrown, method: request.method, route: (request.route as { path?: string } | undefined)?.path },
        'request failed',
      );
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const error = known ?? new ProtocolError('internal');
    if (error.status === 401) response.setHeader('www-authenticate', 'Bearer');
    if (error.afterMs !== undefined || error.status === 503)
      response.setHeader('retry-after', String(Math.ceil((error.afterMs ?? 1_000) / 1_000)));
    response.status(error.status).json(toErrorBody(error));
  };
