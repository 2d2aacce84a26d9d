import { Command } from 'commander';
import {
  activateAccount,
  createInvite,
  deactivateAccount,
  findAccount,
  listAccounts,
  startPasswordReset,
  type AccountRow,
} from '../src/server/accounts/operator.ts';
import type { Config } from '../src/server/config.ts';
import type { Sql } from '../src/server/db/client.ts';
import { StartError } from '../src/server/start-error.ts';
import { limits } from '../src/protocol/limits.ts';
import { withDatabase } from './support/open-database.ts';
import { runCommand } from './support/run-command.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const describe = ({ name, email, phone, username }: AccountRow): string =>
  `${name} (${[email, phone, username].filter((identifier) => identifier !== null).join(', ')})`;

async function getAccount(sql: Sql, identifier: string): Promise<AccountRow> {
  const account = await findAccount(sql, identifier);
  if (!account)
    throw new StartError(`Nobody has the identifier ${identifier}. "npm run user -- list" shows everybody.`);
  return account;
}

/** The address under which people reach the server, as far as the configuration tells. */
function toAddress({ publicUrl, host, port }: Config): string {
  if (publicUrl !== undefined) return publicUrl;
  const name = ['0.0.0.0', '::'].includes(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

const list = (): Promise<void> =>
  withDatabase(process.env, async ({ sql }) => {
    say(['id', 'name', 'email', 'phone', 'username', 'state', 'created'].join('\t'));
    for await (const { id, name, email, phone, username, deactivated, createdAt } of listAccounts(sql)) {
      const state = deactivated ? 'deactivated' : 'active';
      say([id, name, email ?? '-', phone ?? '-', username ?? '-', state, createdAt].join('\t').replaceAll('\n', ' '));
    }
  });

const reset = (identifier: string): Promise<void> =>
  withDatabase(process.env, async ({ sql, config }) => {
    const account = await getAccount(sql, identifier);
    const { token, ended } = await startPasswordReset(sql, account.id);
    say(`${describe(account)}: ${ended} sessions ended.`);
    say(`Hand this link to them; it sets a new password, once, within ${limits.tokens.oneTimeLinkHours} hours:`);
    say(`${toAddress(config)}/reset#${token}`);
  });

const deactivate = (identifier: string): Promise<void> =>
  withDatabase(process.env, async ({ sql }) => {
    const account = await getAccount(sql, identifier);
    const ended = await deactivateAccount(sql, account.id);
    say(`${describe(account)} is deactivated; ${ended} sessions ended.`);
  });

const activate = (identifier: string): Promise<void> =>
  withDatabase(process.env, async ({ sql }) => {
    const account = await getAccount(sql, identifier);
    await activateAccount(sql, account.id);
    say(`${describe(account)} may log in.`);
  });

const invite = (): Promise<void> =>
  withDatabase(process.env, async ({ sql, config }) => {
    const code = await createInvite(sql);
    if (config.registration !== 'invite')
      process.stderr.write(`Note: REGISTRATION is ${config.registration}, so invites are not asked for.\n`);
    say(`One person may register with this code, as "invite", within ${limits.tokens.inviteDays} days:`);
    say(code);
  });

const program = new Command('npm run user --')
  .description(
    'Accounts, for the operator. Works with the server up or down; sessions that end are closed on it at once.',
  )
  .showHelpAfterError()
  .addHelpText('after', '\nAn identifier is an e-mail address, a phone number, a username or an id.');
program.command('list').description('show everybody, one a line, separated by tabs').action(list);
program
  .command('reset <identifier>')
  .description('end all sessions and make a one-time link for a new password')
  .action(reset);
program.command('deactivate <identifier>').description('end all sessions and refuse new ones').action(deactivate);
program.command('activate <identifier>').description('let a deactivated person log in again').action(activate);
program.command('invite').description('make a code for one registration (REGISTRATION=invite)').action(invite);

await runCommand(() => program.parseAsync());
