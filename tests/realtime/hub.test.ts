import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/server/metrics.ts';
import { Hub } from '../../src/server/realtime/hub.ts';
import { Listener } from '../support/listener.ts';

const areLeaving = (...listeners: Listener[]): boolean[] => listeners.map(({ connection }) => connection.isLeaving);

describe('sockets that must log in', () => {
  it('do not yield to newer ones while their login is under way', async () => {
    using hub = new Hub({ metrics: createMetrics(), anonymousPerAddress: 1 });
    await using first = await Listener.open();
    await using second = await Listener.open();
    hub.add(first.connection, { mustLogIn: true });

    hub.expectLogin(first.connection);
    hub.add(second.connection, { mustLogIn: true });

    expect(areLeaving(first, second)).toEqual([false, false]);
  });

  it('count again when it came to nothing', async () => {
    using hub = new Hub({ metrics: createMetrics(), anonymousPerAddress: 1 });
    await using first = await Listener.open();
    await using second = await Listener.open();
    await using third = await Listener.open();
    hub.add(first.connection, { mustLogIn: true });

    hub.expectLogin(first.connection)();
    hub.add(second.connection, { mustLogIn: true });
    hub.expectLogin(second.connection);
    hub.add(third.connection, { mustLogIn: true });

    expect(areLeaving(first, second, third)).toEqual([true, false, false]);
    await expect.poll(() => first.closeCode).toBe(1013);
  });
});
