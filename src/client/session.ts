/**
 * Who one is, to the server: gets an access token from a password, a refresh token or the storage, and renews it.
 *
 * A refresh token works once (and for a minute more with the same successor), so however many ask at a time there is one
 * exchange, and its successor is in the storage before anybody uses what came with it: a process that dies in between finds
 * a token that still works.
 */
import { MessengerError, toMessengerError } from './errors.ts';
import type { Http } from './http.ts';
import type { Clock, Storage } from './platform.ts';
import type { Auth } from './types.ts';

/** Renewed so long before it expires, so that it is good when it arrives. */
const earlyMs = 30_000;

interface Grant {
  accessToken?: string | undefined;
  refreshToken?: string | undefined;
  /** In milliseconds since 1970; the token is not used after that. */
  expiresAt?: number | undefined;
}

interface Options {
  auth: Auth;
  http: Http;
  storage: Storage;
  /** Of the storage. */
  key: string;
  clock: Clock;
  /** How long a request may take. */
  requestTimeoutMs: number;
  onError: (error: MessengerError) => void;
}

const isText = (value: unknown): value is string => typeof value === 'string';

/** Whether an error means that there is no session any more, rather than that it could not be asked for. */
const endsSession = (error: unknown): boolean =>
  error instanceof MessengerError &&
  ['not_authenticated', 'session_revoked', 'wrong_credentials', 'stopped', 'access_denied', 'csrf'].includes(
    error.code,
  );

/** One login, over any number of sockets and requests. */
export class Session {
  readonly #options: Options;
  #grant: Grant = {};
  #loaded = false;
  #renewing: Promise<void> | undefined;
  #ended: MessengerError | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Why there is no session any more. */
  get ended(): MessengerError | undefined {
    return this.#ended;
  }

  get #byCookie(): boolean {
    return 'cookie' in this.#options.auth;
  }

  /** An access token that is good for a while; undefined where the browser's cookie speaks. Throws what `renew` throws. */
  async token(): Promise<string | undefined> {
    if (this.#ended) throw this.#ended;
    if (!this.#loaded) await this.#load();
    if (!this.#isFresh()) await this.renew();
    return this.#grant.accessToken;
  }

  #isFresh(): boolean {
    const { accessToken, expiresAt } = this.#grant;
    if (accessToken === undefined && !this.#byCookie) return false;
    return expiresAt === undefined ? !this.#byCookie : this.#options.clock.now() < expiresAt - earlyMs;
  }

  async #load(): Promise<void> {
    const { auth, storage, key } = this.#options;
    if ('accessToken' in auth) this.#grant = { accessToken: auth.accessToken };
    else if (!this.#byCookie) {
      const stored = await storage.get(key);
      const given = 'refreshToken' in auth ? auth.refreshToken : undefined;
      this.#grant = { refreshToken: stored ?? given };
    }
    this.#loaded = true;
  }

  /**
   * A new access token, whatever the old one is. Errors: those of the server; after one that says that there is no session
   * any more, the session has ended.
   */
  renew(): Promise<void> {
    this.#renewing ??= this.#exchange().finally(() => (this.#renewing = undefined));
    return this.#renewing;
  }

  async #exchange(): Promise<void> {
    if (this.#ended) throw this.#ended;
    try {
      this.#grant = await this.#obtain();
    } catch (error) {
      if (endsSession(error)) this.end(error as MessengerError);
      throw error;
    }
  }

  async #obtain(): Promise<Grant> {
    const { auth } = this.#options;
    const { refreshToken } = this.#grant;
    if (this.#byCookie) return this.#ask('/api/v1/auth/refresh', {});
    if (refreshToken !== undefined) {
      try {
        return await this.#ask('/api/v1/auth/refresh', { refresh_token: refreshToken });
      } catch (error) {
        // What an earlier run left behind may have ended since; a password makes a new session.
        if (!endsSession(error) || !('password' in auth)) throw error;
        this.#grant = {};
      }
    }
    if ('password' in auth)
      return this.#ask('/api/v1/auth/token', { identifier: auth.identifier, password: auth.password });
    throw new MessengerError('not_authenticated', { message: 'There is no session to go on with.', retry: 'new' });
  }

  async #ask(path: string, body: Record<string, unknown>): Promise<Grant> {
    const { storage, key, clock, onError } = this.#options;
    const answer = (await this.#post(path, { body })) as Record<string, unknown> | undefined;
    const { access_token: accessToken, refresh_token: refreshToken, expires_in: expiresIn } = answer ?? {};
    if (!this.#byCookie && (!isText(accessToken) || !isText(refreshToken)))
      throw new MessengerError('bad_answer', { message: 'The server did not answer with tokens.' });
    // A storage that fails costs the next run its session, not this one.
    if (isText(refreshToken) && !this.#byCookie)
      await storage.set(key, refreshToken).catch((error: unknown) => onError(toMessengerError(error, 'storage')));
    return {
      accessToken: isText(accessToken) ? accessToken : undefined,
      refreshToken: isText(refreshToken) ? refreshToken : undefined,
      expiresAt: typeof expiresIn === 'number' ? clock.now() + expiresIn * 1_000 : undefined,
    };
  }

  /** On a road that has gone silent `fetch` may wait for minutes, and no other connection would be tried meanwhile. */
  #post(path: string, { body, token }: { body?: unknown; token?: string | undefined }): Promise<unknown> {
    const { http, clock, requestTimeoutMs } = this.#options;
    return new Promise((resolve, reject) => {
      const stopTimer = clock.after(requestTimeoutMs, () =>
        reject(new MessengerError('timeout', { message: `The server did not answer ${path} in time.` })),
      );
      void http.send({ method: 'POST', path, body }, token).then(resolve, reject).finally(stopTimer);
    });
  }

  /** The server has said that the session is over; what is stored of it would not work again. */
  end(error: MessengerError): void {
    this.#ended ??= error;
    void this.#forget();
  }

  async #forget(): Promise<void> {
    const { storage, key, onError } = this.#options;
    try {
      await storage.delete(key);
    } catch (error) {
      onError(toMessengerError(error, 'storage'));
    }
  }

  /** Ends the session on the server, when it can be reached, and forgets it here. */
  async logOut(): Promise<void> {
    try {
      const token = await this.token();
      await this.#post('/api/v1/auth/logout', { token });
    } finally {
      this.#ended ??= new MessengerError('stopped', { message: 'Logged out.', retry: 'new' });
      await this.#forget();
    }
  }
}
