import { setTimeout as sleep } from 'node:timers/promises';
import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { failureOf } from './failure.ts';
import type { Attempt, Call } from './bounded-connection.ts';

const maxRaces = 3;

/**
 * Makes a call that may safely be made twice, until it is answered: lost races at once, at most three times; a database
 * that is away with back-off until 5 s after the call was asked for, then `unavailable`. Other errors are thrown as they
 * are. However late it is, one try is made.
 */
export async function persist<T>(attempt: Attempt, call: Call<T>, askedAtMs = Date.now()): Promise<T> {
  const giveUpAt = askedAtMs + limits.writer.giveUpAfterMs;
  let races = 0;
  for (let waitMs = 20; ;) {
    try {
      return await attempt(call);
    } catch (error) {
      const failure = failureOf(error);
      if (failure === 'again' && ++races < maxRaces) continue;
      if (failure !== 'wait') throw error;
      if (Date.now() + waitMs > giveUpAt) throw new ProtocolError('unavailable', { afterMs: 1_000 });
      await sleep(waitMs * (0.5 + Math.random()));
      waitMs = Math.min(waitMs * 2, 500);
    }
  }
}
