import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { getRounds, truncates } from 'bcryptjs';
import { Piscina } from 'piscina';
import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';

/**
 * Passwords and their hashes, computed in threads of their own: a hash of cost 10 takes tens of milliseconds and never
 * yields, so on the main thread twenty logins a second would delay every message.
 */
export interface Credentials extends AsyncDisposable {
  /**
   * A bcrypt hash of at most 72 bytes of password; throws `invalid_request` for more and `overloaded` when too many wait.
   */
  hash(password: string): Promise<string>;
  /**
   * Whether `hash` is of this password. Without a hash (nobody has this identifier) it takes the same time and is false.
   * Throws `overloaded` when too many wait.
   */
  verify(password: string, hash: string | undefined): Promise<boolean>;
  /** Whether a hash was made more cheaply than is asked for now. */
  isOutdated(hash: string): boolean;
}

/** Bcrypt reads 72 bytes, so of a longer password it would accept every other with the same beginning. */
export const isTooLong = (password: string): boolean => truncates(password);

/** Starts no thread before the first password comes; idle threads end after half a minute. */
export function openCredentials({ cost }: { cost: number }): Credentials {
  const pool = new Piscina({
    filename: fileURLToPath(new URL('./hash-worker.js', import.meta.url)),
    // None of the loader that reads TypeScript.
    execArgv: [],
    // Also the name of the export that a new thread looks for first.
    name: 'hash',
    minThreads: 0,
    // One core stays with the event loop.
    maxThreads: Math.max(1, availableParallelism() - 1),
    maxQueue: limits.hashing.maxWaiting,
    idleTimeout: 30_000,
  });
  const standIn = standInHash(cost);
  const requireRoom = (): void => {
    if (pool.queueSize >= limits.hashing.maxWaiting) throw new ProtocolError('overloaded');
  };
  return {
    async hash(password) {
      if (isTooLong(password)) throw new ProtocolError('invalid_request', { mistakes: [tooLong] });
      requireRoom();
      return (await pool.run({ password, cost })) as string;
    },
    async verify(password, hash) {
      requireRoom();
      const matches = (await pool.run({ password, hash: hash ?? standIn }, { name: 'verify' })) as boolean;
      return matches && hash !== undefined && !isTooLong(password);
    },
    isOutdated: (hash) => getRounds(hash) < cost,
    [Symbol.asyncDispose]: () => pool.destroy(),
  };
}

const tooLong = {
  type: 'string_too_long',
  loc: ['body', 'password'],
  msg: `Password must have at most ${limits.password.maxBytes} bytes`,
};

/** A well-formed hash that no password has, as dear to compare with as a real one. */
const standInHash = (cost: number): string => `$2b$${String(cost).padStart(2, '0')}$${'.'.repeat(22)}${'/'.repeat(31)}`;
