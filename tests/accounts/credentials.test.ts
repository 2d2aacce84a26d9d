import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../src/protocol/limits.ts';
import { openCredentials, type Credentials } from '../../src/server/accounts/credentials.ts';
import { measureWork } from '../support/work.ts';

let credentials: Credentials;
beforeAll(() => {
  credentials = openCredentials({ cost: 4 });
});
afterAll(() => credentials[Symbol.asyncDispose]());

describe('a password', () => {
  it('matches its own hash and no other one does', async () => {
    const hash = await credentials.hash('correct horse');
    expect(hash).toMatch(/^\$2b\$04\$/);
    expect(await credentials.hash('correct horse')).not.toBe(hash);
    expect(await credentials.verify('correct horse', hash)).toBe(true);
    expect(await credentials.verify('wrong horse', hash)).toBe(false);
  });

  it('of more than 72 bytes is neither hashed nor matched by its beginning', async () => {
    const longest = 'x'.repeat(72);
    const hash = await credentials.hash(longest);
    expect(await credentials.verify(longest, hash)).toBe(true);
    expect(await credentials.verify(`${longest}y`, hash)).toBe(false);
    await expect(credentials.hash(`${longest}y`)).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('matches nothing where there is no hash, at the price of a comparison', async () => {
    await using dear = openCredentials({ cost: 10 });
    const hash = await dear.hash('correct horse');
    const priceOf = (given: string | undefined) =>
      measureWork(async () => expect(await dear.verify('wrong horse', given)).toBe(false));
    // The price is tens of milliseconds; without a comparison it would be far below one. By turns: the same work costs more
    // while others are on the same core.
    let [real, standIn] = [Infinity, Infinity];
    for (let turn = 0; turn < 3; turn++) {
      real = Math.min(real, await priceOf(hash));
      standIn = Math.min(standIn, await priceOf(undefined));
    }
    expect(standIn / real).toBeGreaterThan(0.5);
    expect(standIn / real).toBeLessThan(2);
  });

  it('knows when its hash was cheaper than is asked for now', async () => {
    await using dearer = openCredentials({ cost: 5 });
    const hash = await credentials.hash('correct horse');
    expect([credentials.isOutdated(hash), dearer.isOutdated(hash)]).toEqual([false, true]);
  });
});

describe('hashing', () => {
  it('leaves the event loop free', async () => {
    await using dear = openCredentials({ cost: 10 });
    await dear.hash('warm');
    let turns = 0;
    let running = true;
    const spin = (): void => {
      turns++;
      if (running) setImmediate(spin);
    };
    spin();
    await Promise.all([dear.hash('one'), dear.hash('two')]);
    running = false;
    expect(turns).toBeGreaterThan(100);
  });

  it('refuses whoever comes when too many wait already, and goes on afterwards', async () => {
    await using few = openCredentials({ cost: 4 });
    const asked = Array.from({ length: limits.hashing.maxWaiting + 10 }, (_, i) => few.hash(`number ${i}`));
    const settled = await Promise.allSettled(asked);
    const refused = settled.filter((result) => result.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThanOrEqual(10);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'overloaded' });
    expect(await few.hash('later')).toBeTypeOf('string');
  });
});
