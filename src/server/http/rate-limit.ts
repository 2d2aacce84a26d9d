import { isIPv6 } from 'node:net';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { Config } from '../config.ts';

/**
 * How often a person, and an address that no person is known of, may ask. Counted in this process. Every refusal is
 * `rate_limited` and says when to come back; with RATE_LIMITS=off nothing is refused.
 */
export interface RateLimits {
  /** A request by somebody who is logged in, wherever they are: an office behind one address must not notice. */
  countUser(userId: string): Promise<void>;
  /** A request by somebody unknown. */
  countStranger(ip: string): Promise<void>;
  /** An attempt to register. */
  countRegistration(ip: string): Promise<void>;
  /**
   * Tries a login: answers what `prove` answers. After the first failures of an address at an account each next one makes
   * that address wait longer before it may try that account again; others, and so the account's owner elsewhere, do not
   * wait. An address that fails at many accounts waits for the rest of the hour.
   */
  tryLogin(attempt: { account: string; ip: string }, prove: () => Promise<boolean>): Promise<boolean>;
  /** A search for people. */
  countSearch(userId: string): Promise<void>;
  /** Tries an invite; only tries that end with `invite_invalid` count. */
  tryInvite<T>(userId: string, use: () => Promise<T>): Promise<T>;
}

type Rates = typeof limits.rates;

export function createRateLimits(config: Pick<Config, 'rateLimits'>, rates: Rates = limits.rates): RateLimits {
  if (!config.rateLimits) return unlimited;
  const users = bucket(rates.http);
  const strangers = bucket(rates.strangers);
  const registrations = new RateLimiterMemory({ points: rates.registrationsPerHour, duration: hourSeconds });
  const searches = new RateLimiterMemory({ points: rates.searchesPerMinute, duration: 60 });
  return {
    countUser: (userId) => count(users, userId),
    countStranger: (ip) => count(strangers, toAddressKey(ip)),
    countRegistration: (ip) => count(registrations, toAddressKey(ip)),
    tryLogin: createLoginLimit(rates.login),
    countSearch: (userId) => count(searches, userId),
    tryInvite: createInviteLimit(rates.wrongInvitesPerHour),
  };
}

const hourSeconds = 3_600;

const unlimited: RateLimits = {
  countUser: () => Promise.resolve(),
  countStranger: () => Promise.resolve(),
  countRegistration: () => Promise.resolve(),
  tryLogin: (_attempt, prove) => prove(),
  countSearch: () => Promise.resolve(),
  tryInvite: (_userId, use) => use(),
};

/** At most `burst` in the time in which `perSecond` allows as many. */
const bucket = ({ perSecond, burst }: { perSecond: number; burst: number }): RateLimiterMemory =>
  new RateLimiterMemory({ points: burst, duration: burst / perSecond });

const refusal = (afterMs: number): ProtocolError =>
  new ProtocolError('rate_limited', { afterMs: Math.max(1, Math.ceil(afterMs)) });

async function count(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (result) {
    throw refusal((result as RateLimiterRes).msBeforeNext);
  }
}

/** Each try is counted before it is made, so that many at once do not all pass, and taken back when it was no wrong one. */
function createInviteLimit(wrongPerHour: number): RateLimits['tryInvite'] {
  const limiter = new RateLimiterMemory({ points: wrongPerHour, duration: hourSeconds });
  return async (userId, use) => {
    await count(limiter, userId);
    let isWrong = false;
    try {
      return await use();
    } catch (error) {
      isWrong = error instanceof ProtocolError && error.code === 'invite_invalid';
      throw error;
    } finally {
      if (!isWrong) await limiter.reward(userId);
    }
  };
}

/** One subscriber's network counts as one address: they have 2^64 of IPv6. */
export function toAddressKey(ip: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip);
  if (mapped?.[1] !== undefined) return mapped[1];
  if (!isIPv6(ip)) return ip;
  const [head = '', tail] = ip.toLowerCase().split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - first.length - last.length);
  return [...first, ...Array<string>(zeros).fill('0'), ...last].slice(0, 4).join(':');
}

/** The first wait after the free failures, doubled by each further one. */
const firstWaitMs = 1_000;

function createLoginLimit({
  triesPerAccount,
  windowMs,
  failuresPerAddressPerHour,
}: Rates['login']): RateLimits['tryLogin'] {
  const failures = new RateLimiterMemory({ points: triesPerAccount, duration: windowMs / 1_000 });
  const waits = new RateLimiterMemory({ points: 1, duration: windowMs / 1_000 });
  const addresses = new RateLimiterMemory({ points: failuresPerAddressPerHour, duration: hourSeconds });
  const inTurn = createTurns(limits.counts.socketsPerUser);

  const requireNoWait = async (pair: string, address: string): Promise<void> => {
    const [wait, failed] = [await waits.get(pair), await addresses.get(address)];
    if (wait) throw refusal(wait.msBeforeNext);
    if (failed && failed.consumedPoints >= failuresPerAddressPerHour) throw refusal(failed.msBeforeNext);
  };
  const noteFailure = async (pair: string, address: string): Promise<void> => {
    await addresses.penalty(address);
    const { consumedPoints } = await failures.penalty(pair);
    const beyond = consumedPoints - triesPerAccount;
    if (beyond >= 0) await waits.set(pair, 1, Math.min(firstWaitMs * 2 ** beyond, windowMs) / 1_000);
  };

  return ({ account, ip }, prove) => {
    const address = toAddressKey(ip);
    const pair = `${address} ${account.toLowerCase()}`;
    return inTurn(pair, async () => {
      await requireNoWait(pair, address);
      const isProved = await prove();
      if (isProved) await failures.delete(pair);
      else await noteFailure(pair, address);
      return isProved;
    });
  };
}

/**
 * Runs the tasks of one key one after the other, so that a hundred guesses at once do not all pass before the first has
 * failed, while a person's many right logins at once all succeed. At most `maxWaiting` of a key wait.
 */
function createTurns(maxWaiting: number): <T>(key: string, task: () => Promise<T>) => Promise<T> {
  const lines = new Map<string, { last: Promise<unknown>; waiting: number }>();
  return async (key, task) => {
    const line = lines.get(key) ?? { last: Promise.resolve(), waiting: 0 };
    if (line.waiting > maxWaiting) throw refusal(firstWaitMs);
    line.waiting++;
    lines.set(key, line);
    const turn = line.last.then(task);
    line.last = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      line.waiting--;
      if (line.waiting === 0) lines.delete(key);
    }
  };
}
