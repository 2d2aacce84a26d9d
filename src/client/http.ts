/** Requests over HTTP, and what their errors are in the words of the catalogue. */
import { errorCatalogue, type ErrorCode } from '../protocol/errors.ts';
import { MessengerError } from './errors.ts';
import type { FetchLike, RequestLike, ResponseLike } from './platform.ts';
import type { HttpRequest } from './types.ts';

interface Options {
  url: string;
  fetch: FetchLike;
  /** The browser's cookies go along, as far as the page is of the server itself. */
  withCookie: boolean;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

/** Of an answer by something that is not the server, such as a proxy on the way, only the status tells. */
function codeOf(body: unknown, status: number): ErrorCode {
  const code = isRecord(body) ? body['code'] : undefined;
  if (typeof code === 'string' && Object.hasOwn(errorCatalogue, code)) return code as ErrorCode;
  if (status === 401) return 'not_authenticated';
  if (status === 429) return 'rate_limited';
  return status >= 500 ? 'unavailable' : 'invalid_request';
}

function toError(response: ResponseLike, body: unknown): MessengerError {
  const code = codeOf(body, response.status);
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new MessengerError(code, {
    message: isRecord(body) && typeof body['message'] === 'string' ? body['message'] : errorCatalogue[code].text,
    retry: errorCatalogue[code].retry,
    ...(Number.isFinite(seconds) && { afterMs: seconds * 1_000 }),
    ...(isRecord(body) && Array.isArray(body['detail']) && { mistakes: body['detail'] as MessengerError['mistakes'] }),
  });
}

/** The server over HTTP. */
export class Http {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  /**
   * The JSON of the answer, undefined where there is none. Errors: of the catalogue; `offline` when there was no answer.
   * It takes as long as `fetch` lets it: who cannot wait bounds it.
   */
  async send({ method, path, body }: HttpRequest, token?: string): Promise<unknown> {
    const { url, fetch, withCookie } = this.#options;
    const request: RequestLike = {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(withCookie && { credentials: 'same-origin' }),
    };
    let response: ResponseLike;
    let text: string;
    try {
      response = await fetch(`${url}${path}`, request);
      text = await response.text();
    } catch (error) {
      throw new MessengerError('offline', { message: 'The server cannot be reached.', cause: error });
    }
    const answer = parse(text);
    if (!response.ok) throw toError(response, answer);
    return answer;
  }
}
