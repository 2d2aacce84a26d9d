import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { names } from './embedded-cluster.ts';
import { type Address, toSocketPath } from './embedded-postmaster.ts';

/*
 * Who owns a running PostgreSQL. The owner is the process that holds one advisory lock in it: the kernel closes the
 * connection of a process that ends in whatever way, and PostgreSQL frees the lock at once. A file with a process number
 * would outlive a kill -9, and the number may by then be another's.
 *
 * An owner can lose the lock while it lives: when its one backend dies or PostgreSQL recovers from a crash. It takes the
 * lock again at once, and a newcomer gives it `graceMs` to do so before it believes that nobody owns this PostgreSQL.
 */

const lockKey = 0x6d73_6e67;
const graceMs = 500;
const retryMs = 50;

type Answer = 'owned' | 'free' | 'starting' | 'silent' | 'wrong password';

/** The lock that makes this process the owner. `Symbol.asyncDispose` gives it up. */
export class Ownership implements AsyncDisposable {
  readonly #sql: postgres.Sql;
  #disposed = false;
  readonly #onLost: () => void;

  private constructor(address: Address, password: string, onLost: () => void) {
    this.#onLost = onLost;
    this.#sql = connect(address, password, () => void this.#takeAgain());
  }

  /** The ownership, or undefined when another process has it. */
  static async take({
    address,
    password,
    onLost,
  }: {
    address: Address;
    password: string;
    onLost: () => void;
  }): Promise<Ownership | undefined> {
    const ownership = new Ownership(address, password, onLost);
    if (await ownership.#tryLock()) return ownership;
    await ownership[Symbol.asyncDispose]();
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    await this.#sql.end({ timeout: 1 });
  }

  async #tryLock(): Promise<boolean> {
    const [row] = await this.#sql<{ locked: boolean }[]>`select pg_try_advisory_lock(${lockKey}) as locked`;
    return row?.locked ?? false;
  }

  /** The connection ended and the lock with it. Only an answer of PostgreSQL tells that somebody else has it now. */
  async #takeAgain(): Promise<void> {
    while (!this.#disposed) {
      try {
        if (!(await this.#tryLock()) && !this.#disposed) this.#onLost();
        return;
      } catch {
        await sleep(retryMs, undefined, { ref: false });
      }
    }
  }
}

/**
 * Whether a living process owns this PostgreSQL; waits while it starts up, recovers or shuts down. `silent` after
 * `patienceMs` without any answer.
 */
export async function findOwnership(
  address: Address,
  password: string,
  patienceMs: number,
): Promise<Exclude<Answer, 'starting'>> {
  let deadline = Date.now() + patienceMs;
  let freeSince: number | undefined;
  while (Date.now() < deadline) {
    const answer = await ask(address, password);
    if (answer === 'owned' || answer === 'wrong password') return answer;
    if (answer === 'starting') deadline = Date.now() + patienceMs;
    if (answer === 'free') freeSince ??= Date.now();
    else freeSince = undefined;
    if (freeSince !== undefined && Date.now() - freeSince >= graceMs) return 'free';
    await sleep(retryMs);
  }
  return 'silent';
}

export const isWrongPassword = (code: string): boolean => code === '28P01' || code === '28000';

async function ask(address: Address, password: string): Promise<Answer> {
  const sql = connect(address, password);
  try {
    const [row] = await sql<{ owned: boolean }[]>`
      select exists (select from pg_locks where locktype = 'advisory' and objsubid = 1
                     and classid = 0 and objid = ${lockKey} and granted) as owned`;
    return row?.owned ? 'owned' : 'free';
  } catch (error) {
    const code = String((error as { code?: unknown }).code);
    if (isWrongPassword(code)) return 'wrong password';
    // 57P03: starting up, recovering or shutting down. That may take as long as it takes.
    return code === '57P03' ? 'starting' : 'silent';
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/**
 * As the superuser, for whom PostgreSQL keeps connections free, and outside the server's database, which may be copied as
 * a template only while nobody is in it. By the Unix socket where there is one: it leads to the same folder from another
 * container too, which a port of the loopback does not.
 */
const connect = (address: Address, password: string, onclose: () => void = () => undefined): postgres.Sql =>
  postgres({
    host: '127.0.0.1',
    port: address.port,
    ...(address.socketDir === undefined ? {} : { path: toSocketPath(address.socketDir, address.port) }),
    database: 'postgres',
    username: names.superuser,
    password,
    max: 1,
    max_lifetime: 0,
    idle_timeout: 0,
    connect_timeout: 5,
    backoff: () => 0,
    fetch_types: false,
    onnotice: () => undefined,
    onclose: () => onclose(),
    connection: { application_name: 'messenger owner' },
  });
