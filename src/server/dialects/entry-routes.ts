import { randomInt } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { takenDetails } from '../../protocol/direct.ts';
import * as contract from '../../protocol/entry.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import { countCodePoints } from '../../protocol/text.ts';
import type { Accounts, NewAccountInput } from '../accounts/accounts.ts';
import { toIdentifier, type Identifier } from '../accounts/queries.ts';
import type { Config } from '../config.ts';
import type { mountOn } from '../http/mount.ts';
import { lifetimesOf, type LifetimeConfig } from './lifetimes.ts';
import { toNewPerson } from './people.ts';

export interface EntryRoutes {
  accounts: Pick<Accounts, 'register' | 'logIn' | 'refresh' | 'revokeSession'>;
  config: LifetimeConfig & Pick<Config, 'passwordMinLength'>;
}

/** Puts registering, logging in and out without a version in the path on the router. */
export function mountEntry(mount: ReturnType<typeof mountOn>, { accounts, config }: EntryRoutes): void {
  const lifetimes = lifetimesOf(config);

  mount(
    { ...contract.registerAtRoot, body: contract.entryRegistration(config.passwordMinLength) },
    async ({ body, ip }) => {
      const { phone_number: phone, email, username, about_me: about, password, invite } = body;
      const isByPhone = typeof phone === 'string';
      if (isByPhone) requireLength(password, 'REGISTER_INVALID_PASSWORD');
      const name = body.name ?? username ?? toUnnamed();
      const input = { name, email, phone, username, about, password, invite };
      const account = await register(accounts, { input, ip, isByPhone });
      return { status: 201, body: account };
    },
  );

  mount(contract.logInAtRoot, async ({ body, headers, ip }) => {
    const identifier = chooseIdentifier(body);
    const isForm = isFormType(headers);
    const system = isForm ? (identifier.kind === 'phone' ? 'direct' : 'lobby') : 'actions';
    const attempt = { identifier, password: body.password, ip, userAgent: headers['user-agent'] };
    const tokens = await accounts.logIn(attempt, lifetimes[system]).catch((error: unknown) => {
      const isWrong = error instanceof ProtocolError && error.code === 'wrong_credentials';
      if (!isWrong) throw error;
      throw new ProtocolError('wrong_credentials', isForm ? wrongForForms : { detail: 'Invalid token' });
    });
    return { status: 200, body: tokens };
  });

  mount(contract.logInByForm, async ({ body: { username, password }, headers, ip }) => {
    const attempt = { identifier: toIdentifier(username), password, ip, userAgent: headers['user-agent'] };
    return { status: 200, body: await accounts.logIn(attempt, lifetimes.direct) };
  });

  mount(contract.logOutAtRoot, async ({ caller }) => {
    await accounts.revokeSession(caller, caller.sessionId);
    return { status: 204, empty: true };
  });

  mount(contract.refreshAtRoot, async ({ body }) => {
    const token = typeof body === 'string' ? body : body.refresh_token;
    return { status: 200, body: await accounts.refresh(token, lifetimes.lobby) };
  });
}

const wrongForForms = { status: 400, detail: 'Incorrect username or password' };

const isFormType = (headers: IncomingHttpHeaders): boolean =>
  /^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '');

/** Who registers by phone number has no name, and the number is nobody's business. */
const toUnnamed = (): string => `User ${randomInt(1_000, 10_000)}`;

/** Throws `weak_password` in the words of system 000. */
export function requireLength(password: string, code: string): void {
  const { min } = contract.passwordLengths.direct;
  if (countCodePoints(password) >= min) return;
  const reason = `Password should be at least ${min} characters`;
  throw new ProtocolError('weak_password', { message: reason, detail: { code, reason } });
}

async function register(
  accounts: Pick<Accounts, 'register'>,
  { input, ip, isByPhone }: { input: NewAccountInput; ip: string; isByPhone: boolean },
): Promise<contract.DialectPerson> {
  try {
    return toNewPerson(await accounts.register(input, ip), input.about);
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.code !== 'identifier_taken') throw error;
    const { message, identifier = 'email' } = error;
    throw new ProtocolError('identifier_taken', {
      message,
      identifier,
      ...(isByPhone ? { status: 400, detail: takenDetails[identifier] } : { detail: 'User already exists' }),
    });
  }
}

/** The contract has made sure that there is one. In a form there is one field for all of them. */
function chooseIdentifier(body: contract.EntryLogin): Identifier {
  const { email, username } = body;
  const phone = body.phone_number ?? body.phone;
  if (typeof email === 'string') return { kind: 'email', value: email };
  if (typeof phone === 'string') return { kind: 'phone', value: phone };
  return toIdentifier(username ?? '');
}
