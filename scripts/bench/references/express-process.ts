import { createSecretKey } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { and, eq, isNull } from 'drizzle-orm';
import express, { type NextFunction, type Request, type Response } from 'express';
import { createAccessTokens } from '../../../src/server/accounts/access-tokens.ts';
import { createKnownTokens } from '../../../src/server/accounts/known-tokens.ts';
import { getSessionState } from '../../../src/server/accounts/queries.ts';
import { openPool } from '../../../src/server/db/client.ts';
import { memberships } from '../../../src/server/db/schema.ts';
import { createRateLimits } from '../../../src/server/http/rate-limit.ts';
import { answerQuestions, type Questions } from '../support/child.ts';
import { secret } from '../support/world.ts';
import { createHistory, openReference, type Reference } from './drizzle.ts';

/*
 * History as most servers with Express and Drizzle give it, and a ready page as the fastest that Express can give. Tokens
 * and rates are checked by the product's own parts, so that both sides pay the same for them.
 */

interface StartInput {
  url: string;
  chatId: string;
  /** The ready page. */
  page: string;
}

const userOf = (response: Response): string => response.locals['userId'] as string;

function createGuard(url: string) {
  const sql = openPool(url);
  const tokens = createAccessTokens({
    signingKey: createSecretKey(Buffer.from(secret)),
    ttlSeconds: 3_600,
    clock: Date.now,
  });
  const known = createKnownTokens({ tokens, clock: Date.now, getState: (claims) => getSessionState(sql, claims) });
  const rates = createRateLimits({ rateLimits: true });
  return async (request: Request, response: Response, next: NextFunction): Promise<void> => {
    const { userId } = await known.authenticate(request.headers.authorization?.slice('Bearer '.length) ?? '');
    await rates.countUser(userId);
    response.locals['userId'] = userId;
    next();
  };
}

async function listMembers(db: Reference['db'], chatId: string): Promise<Set<string>> {
  const rows = await db
    .select({ userId: memberships.userId })
    .from(memberships)
    .where(and(eq(memberships.chatId, chatId), isNull(memberships.leftSeq)));
  return new Set(rows.map((row) => row.userId));
}

async function start({ url, chatId, page }: StartInput): Promise<number> {
  const { db } = openReference(url);
  const members = await listMembers(db, chatId);
  const ready = Buffer.from(page);
  const findPage = createHistory(db);
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use(createGuard(url));
  // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express 5 forwards a rejection itself
  app.get('/drizzle/:chatId', async (request, response) => {
    const before = Number(request.query['before']);
    const rows = await findPage({ chatId: request.params.chatId, userId: userOf(response), before });
    if (rows) response.json(rows);
    else response.sendStatus(403);
  });
  app.get('/ready/:chatId', (request, response) => {
    if (request.params.chatId !== chatId || !members.has(userOf(response))) response.sendStatus(403);
    else response.type('application/json').send(ready);
  });
  const http = createServer(app);
  return new Promise((resolve) => {
    http.listen(0, '127.0.0.1', () => resolve((http.address() as AddressInfo).port));
  });
}

const table = { start } satisfies Questions;
export type ExpressServer = typeof table;

answerQuestions(table);
