import { describe, expect, it } from 'vitest';
import type { ProtocolError } from '../../src/protocol/errors.ts';
import { limits } from '../../src/protocol/limits.ts';
import { createRateLimits, toAddressKey } from '../../src/server/http/rate-limit.ts';

const open = (rates: Partial<typeof limits.rates> = {}) =>
  createRateLimits({ rateLimits: true }, { ...limits.rates, ...rates });
const isAllowed = (asked: Promise<unknown>) =>
  asked.then(
    () => true,
    (error: unknown) => {
      expect(error).toMatchObject({ code: 'rate_limited', afterMs: expect.any(Number) as number });
      return false;
    },
  );
const countAllowed = async (times: number, ask: () => Promise<unknown>) =>
  (await Promise.all(Array.from({ length: times }, () => isAllowed(ask())))).filter(Boolean).length;

const right = () => Promise.resolve(true);
const wrong = () => Promise.resolve(false);

describe('the rate of requests', () => {
  it('lets a person ask sixty times at once and a stranger forty times', async () => {
    const rates = open();
    expect(await countAllowed(61, () => rates.countUser('alice'))).toBe(60);
    expect(await countAllowed(41, () => rates.countStranger('192.0.2.1'))).toBe(40);
    expect(await countAllowed(21, () => rates.countRegistration('192.0.2.1'))).toBe(20);
  });

  it('is counted for each person and each address by itself', async () => {
    const rates = open();
    await countAllowed(61, () => rates.countUser('alice'));
    await countAllowed(41, () => rates.countStranger('192.0.2.1'));
    expect(await isAllowed(rates.countUser('bob'))).toBe(true);
    expect(await isAllowed(rates.countStranger('192.0.2.2'))).toBe(true);
  });

  it('is none with RATE_LIMITS=off', async () => {
    const rates = createRateLimits({ rateLimits: false });
    expect(await countAllowed(1_000, () => rates.countStranger('192.0.2.1'))).toBe(1_000);
    expect(await countAllowed(100, () => rates.tryLogin({ account: 'a', ip: '192.0.2.1' }, wrong))).toBe(100);
  });
});

describe('the rate of logins', () => {
  const short = {
    login: { triesPerAccount: 2, windowMs: 60_000, failuresPerAddressPerHour: 10 },
  } as unknown as Partial<typeof limits.rates>;
  const attempt = { account: 'alice', ip: '192.0.2.1' };

  it('doubles the wait with each failure beyond the free ones', async () => {
    const rates = open(short);
    const waits: number[] = [];
    await rates.tryLogin(attempt, wrong);
    await rates.tryLogin(attempt, wrong);
    for (let i = 0; i < 2; i++) {
      const refused = await rates.tryLogin(attempt, right).then(
        () => undefined,
        (error: unknown) => (error as ProtocolError).afterMs,
      );
      waits.push(Math.ceil((refused ?? 0) / 1_000));
      await expect.poll(() => isAllowed(rates.tryLogin(attempt, wrong)), { timeout: 3_000, interval: 50 }).toBe(true);
    }
    expect(waits).toEqual([1, 2]);
  });

  it('forgets the failures once the password was right', async () => {
    const rates = open(short);
    for (let i = 0; i < 5; i++) {
      expect(await rates.tryLogin(attempt, wrong)).toBe(false);
      expect(await rates.tryLogin(attempt, right)).toBe(true);
    }
  });

  it('does not let a hundred guesses at once pass before the first has failed', async () => {
    const rates = open(short);
    let guesses = 0;
    const guess = () => new Promise<boolean>((resolve) => setImmediate(() => resolve((guesses++, false))));
    expect(await countAllowed(100, () => rates.tryLogin(attempt, guess))).toBe(2);
    expect(guesses).toBe(2);
  });

  it('stops an address that fails at many accounts, whatever it tries next', async () => {
    const rates = open(short);
    for (let i = 0; i < 10; i++) await rates.tryLogin({ account: `number ${i}`, ip: '192.0.2.1' }, wrong);
    expect(await isAllowed(rates.tryLogin({ account: 'another', ip: '192.0.2.1' }, right))).toBe(false);
    expect(await isAllowed(rates.tryLogin({ account: 'another', ip: '192.0.2.2' }, right))).toBe(true);
  });

  it('does not count a check that broke', async () => {
    const rates = open(short);
    for (let i = 0; i < 5; i++)
      await expect(rates.tryLogin(attempt, () => Promise.reject(new Error('database')))).rejects.toThrow('database');
    expect(await rates.tryLogin(attempt, right)).toBe(true);
  });
});

describe('an address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8:1:2::9', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
  ])('%s counts as %s', (ip, key) => {
    expect(toAddressKey(ip)).toBe(key);
  });
});
