import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import * as contract from '../../protocol/accounts.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import type { Config } from '../config.ts';
import type { mountOn, Reply } from '../http/mount.ts';
import type { Accounts, IssuedTokens } from './accounts.ts';
import { findCookie, toSetCookie } from './cookies.ts';
import { isOverTls, requireNoForeignOrigin, requireOwnPage } from './own-page.ts';
import type { Identifier } from './queries.ts';

export interface AccountRoutes {
  accounts: Accounts;
  config: Pick<Config, 'host' | 'publicUrl' | 'trustProxy' | 'refreshTokenTtlDays'>;
}

type Mount = ReturnType<typeof mountOn>;

/** Puts registration, login and sessions on the router. */
export function mountAccounts(mount: Mount, { accounts, config }: AccountRoutes): void {
  const browser = createBrowserReplies(config);
  const { passwordPolicy } = accounts;

  mount({ ...contract.register, body: contract.registration(passwordPolicy) }, async ({ body, ip }) => {
    return { status: 200, body: await accounts.register(body, ip) };
  });

  mount(contract.createToken, async ({ body, ip, headers }) => {
    if (body.cookie) requireNoForeignOrigin(headers, config);
    const tokens = await accounts.logIn({
      identifier: chooseIdentifier(body),
      password: body.password,
      ip,
      userAgent: headers['user-agent'],
    });
    return body.cookie ? browser.keep(tokens, headers) : { status: 200, body: tokens };
  });

  mount(contract.refreshToken, async ({ body, headers }) => {
    if (typeof body.refresh_token === 'string')
      return { status: 200, body: await accounts.refresh(body.refresh_token) };
    const cookie = findCookie(headers, 'refresh', isOverTls(headers, config));
    if (cookie === undefined) throw new ProtocolError('not_authenticated');
    requireOwnPage({ method: 'POST', headers }, config);
    return browser.keep(await accounts.refresh(cookie), headers);
  });

  mount(contract.logout, async ({ caller, headers }) => {
    await accounts.revokeSession(caller, caller.sessionId);
    return caller.byCookie ? browser.forget(headers) : { status: 204, empty: true };
  });

  mount(contract.listSessions, async ({ caller }) => ({ status: 200, body: await accounts.listSessions(caller) }));

  mount(contract.listConnections, async ({ caller, query }) => ({
    status: 200,
    body: await accounts.listConnections(caller, query),
  }));

  mount(contract.revokeSession, async ({ caller, params }) => {
    await accounts.revokeSession(caller, params.sessionId);
    return { status: 204, empty: true };
  });

  mount(contract.revokeOtherSessions, async ({ caller }) => {
    await accounts.revokeOtherSessions(caller);
    return { status: 204, empty: true };
  });

  mount({ ...contract.resetPassword, body: contract.passwordReset(passwordPolicy) }, async ({ body }) => {
    await accounts.resetPassword(body);
    return { status: 204, empty: true };
  });
}

type LoginBody = z.output<typeof contract.login>;

/** The contract has made sure that there is one. */
function chooseIdentifier(body: LoginBody): Identifier | string {
  for (const kind of ['email', 'phone', 'username'] as const) {
    const value = body[kind];
    if (typeof value === 'string') return { kind, value };
  }
  return body.identifier ?? '';
}

const secondsPerDay = 86_400;

/** Answers to a browser that keeps its tokens in cookies: the page's scripts never see them. */
function createBrowserReplies(config: AccountRoutes['config']) {
  const toCookies = (headers: IncomingHttpHeaders, access: [string, number], refresh: [string, number]): string[] => {
    const isSecure = isOverTls(headers, config);
    return [
      toSetCookie('access', access[0], { maxAgeSeconds: access[1], isSecure }),
      toSetCookie('refresh', refresh[0], { maxAgeSeconds: refresh[1], isSecure }),
    ];
  };
  return {
    keep({ access_token, refresh_token, ...visible }: IssuedTokens, headers: IncomingHttpHeaders): Reply {
      const cookies = toCookies(
        headers,
        [access_token, visible.expires_in],
        [refresh_token, config.refreshTokenTtlDays * secondsPerDay],
      );
      return { status: 200, headers: { 'set-cookie': cookies }, body: visible };
    },
    forget: (headers: IncomingHttpHeaders): Reply => ({
      status: 204,
      headers: { 'set-cookie': toCookies(headers, ['', 0], ['', 0]) },
      empty: true,
    }),
  };
}
