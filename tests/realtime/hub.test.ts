import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/server/metrics.ts';
import type { Connection } from '../../src/server/realtime/connection.ts';
import { Hub } from '../../src/server/realtime/hub.ts';

/** A socket of one address, as far as the hub looks at those who must log in. */
function createSocket(): { connection: Connection; closes: number[] } {
  const closes: number[] = [];
  const connection = {
    dialect: { name: 'full', needsNames: false },
    address: '10.0.0.1',
    speaker: undefined,
    get isLeaving() {
      return closes.length > 0;
    },
    close: (code: number) => void closes.push(code),
    terminate: () => undefined,
  };
  return { connection: connection as unknown as Connection, closes };
}

describe('sockets that must log in', () => {
  it('do not yield to newer ones while their login is under way', () => {
    using hub = new Hub({ metrics: createMetrics(), anonymousPerAddress: 1 });
    const [first, second] = [createSocket(), createSocket()];
    hub.add(first.connection, { mustLogIn: true });

    hub.expectLogin(first.connection);
    hub.add(second.connection, { mustLogIn: true });

    expect([first.closes, second.closes]).toEqual([[], []]);
  });

  it('count again when it came to nothing', () => {
    using hub = new Hub({ metrics: createMetrics(), anonymousPerAddress: 1 });
    const [first, second, third] = [createSocket(), createSocket(), createSocket()];
    hub.add(first.connection, { mustLogIn: true });

    hub.expectLogin(first.connection)();
    hub.add(second.connection, { mustLogIn: true });
    hub.expectLogin(second.connection);
    hub.add(third.connection, { mustLogIn: true });

    expect([first.closes, second.closes, third.closes]).toEqual([[1013], [], []]);
  });
});
