import type { ErrorCode, Mistake, Retry } from '../protocol/errors.ts';

/**
 * What goes wrong on this side: `offline` there is no connection and none came in time; `connection_lost` the frame was sent
 * and its answer is not known; `timeout` the server did not answer; `stopped` the messenger was closed or its session has
 * ended; `bad_answer` the server said what the protocol does not have; `storage` the storage failed.
 */
export type ClientErrorCode = 'offline' | 'connection_lost' | 'timeout' | 'stopped' | 'bad_answer' | 'storage';

/** Of a `MessengerError` what its text does not say. */
export interface MessengerErrorOptions {
  message?: string;
  retry?: Retry;
  afterMs?: number;
  mistakes?: readonly Mistake[];
  cause?: unknown;
}

/** The only error that the SDK throws. Act on `code` and `retry`; the text is for people and may change. */
export class MessengerError extends Error {
  /** Of the server's catalogue (`src/protocol/errors.ts`), or of this side. */
  readonly code: ErrorCode | ClientErrorCode;
  /** `never`: it would fail again; `same`: the very same may be tried again; `new`: correct it first. */
  readonly retry: Retry;
  /** When to try again, in milliseconds from now; undefined where nobody said. */
  readonly afterMs: number | undefined;
  /** Every mistake of a request that was not valid. */
  readonly mistakes: readonly Mistake[];

  constructor(code: ErrorCode | ClientErrorCode, options: MessengerErrorOptions = {}) {
    super(options.message ?? code, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'MessengerError';
    this.code = code;
    this.retry = options.retry ?? 'same';
    this.afterMs = options.afterMs;
    this.mistakes = options.mistakes ?? [];
  }
}

/** Whatever was thrown, as the SDK's own error. */
export const toMessengerError = (thrown: unknown, code: ClientErrorCode): MessengerError =>
  thrown instanceof MessengerError
    ? thrown
    : new MessengerError(code, {
        message: thrown instanceof Error ? thrown.message : String(thrown),
        cause: thrown,
      });
