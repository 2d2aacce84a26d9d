import { BlockList, isIPv6 } from 'node:net';
import type { Request, RequestHandler, Router } from 'express';
import { ProtocolError } from '../../protocol/errors.ts';
import { getLivez, getMetrics, getReadyz, operationEndpoints, type Readiness } from '../../protocol/operations.ts';
import type { Metrics } from '../metrics.ts';
import { mountOn } from './mount.ts';

/** What the process knows of its own state. */
export interface Node {
  isDraining: () => boolean;
  /** Whether the database has all migrations of this build; rejects when it cannot be asked. */
  isMigrated: () => Promise<boolean>;
  /** The database does not keep what it acknowledged, and the operator said that this is fine. */
  unsafeDurability: boolean;
}

/** Addresses that answer while the node drains, so that what watches it can see the draining. */
export const operationPaths: ReadonlySet<string> = new Set(operationEndpoints.map(({ path }) => path));

const databaseWaitMs = 1_000;

export function mountOperations(router: Router, { node, metrics }: { node: Node; metrics: Metrics }): void {
  const mount = mountOn(router, { authenticate: () => Promise.reject(new ProtocolError('not_authenticated')) });
  const askDatabase = shareWhilePending(() => findDatabaseState(node));

  mount(getLivez, () => Promise.resolve({ status: 200, body: { status: 'alive' } }));

  mount(getReadyz, async () => {
    const database = await askDatabase();
    const draining = node.isDraining();
    const ready = database === 'ok' && !draining;
    const body: Readiness = {
      status: ready ? 'ready' : 'not_ready',
      database,
      draining,
      ...(node.unsafeDurability && { unsafe_durability: true }),
    };
    return ready ? { status: 200, body } : { status: 503, headers: { 'retry-after': '1' }, body };
  });

  router.get(getMetrics.path, requireNeighbour, async (_request, response) => {
    response.setHeader('content-type', metrics.registry.contentType);
    response.end(await metrics.registry.metrics());
  });
}

/** Any number of callers at once cost the database one question. */
function shareWhilePending<T>(ask: () => Promise<T>): () => Promise<T> {
  let pending: Promise<T> | undefined;
  return () =>
    (pending ??= ask().finally(() => {
      pending = undefined;
    }));
}

async function findDatabaseState(node: Node): Promise<Readiness['database']> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'unreachable'>((resolve) => {
    timer = setTimeout(() => resolve('unreachable'), databaseWaitMs);
  });
  const asked = node.isMigrated().then(
    (current) => (current ? ('ok' as const) : ('behind' as const)),
    () => 'unreachable' as const,
  );
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}

const privateAddresses = new BlockList();
privateAddresses.addSubnet('127.0.0.0', 8);
privateAddresses.addSubnet('10.0.0.0', 8);
privateAddresses.addSubnet('172.16.0.0', 12);
privateAddresses.addSubnet('192.168.0.0', 16);
privateAddresses.addSubnet('169.254.0.0', 16);
privateAddresses.addAddress('::1', 'ipv6');
privateAddresses.addSubnet('fc00::', 7, 'ipv6');
privateAddresses.addSubnet('fe80::', 10, 'ipv6');

/** Whether the request came over a loopback or private network, and not by way of a proxy that speaks for somebody else. */
function isNeighbour(request: Request): boolean {
  const { forwarded, via, 'x-forwarded-for': forwardedFor, 'x-real-ip': realIp } = request.headers;
  if ((forwarded ?? forwardedFor ?? realIp ?? via) !== undefined) return false;
  const address = request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '';
  return privateAddresses.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

const requireNeighbour: RequestHandler = (request, _response, next) => {
  if (!isNeighbour(request)) throw new ProtocolError('not_found');
  next();
};
