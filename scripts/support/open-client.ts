import postgres from 'postgres';
import type { Sql } from '../../src/server/db/client.ts';

/**
 * One connection for long work, with settings of its own. Not a reserved connection of a pool: when that breaks,
 * postgres.js throws where nobody can catch it and leaves the next statement waiting for ever. Here a broken connection
 * rejects the statement, and the next one gets a new connection.
 */
export const openClient = (url: string, settings: Record<string, string | number>): Sql =>
  postgres(url, {
    max: 1,
    connect_timeout: 5,
    // The default replaces a connection after half an hour or more, and with it what it has locked.
    max_lifetime: null,
    onnotice: () => undefined,
    connection: { timezone: 'UTC', datestyle: 'ISO, MDY', ...settings },
  });
