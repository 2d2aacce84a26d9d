/** The interface over HTTP for who has not logged in yet; afterwards `messenger.request` does it. */
import { Http } from '../../client/http.ts';
import { MessengerError, type HttpRequest } from '../../client/index.ts';

const http = new Http({ url: '', fetch: fetch.bind(globalThis), withCookie: true });

/** The JSON of the answer. Errors: `MessengerError`; `offline` when the server cannot be reached. */
export const call = (request: HttpRequest): Promise<unknown> => http.send(request);

/** What went wrong as a `MessengerError`, whatever was thrown. */
export const toError = (error: unknown): MessengerError =>
  error instanceof MessengerError ? error : new MessengerError('internal', { cause: error });
