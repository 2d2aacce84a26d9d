import { Command } from 'commander';
import {
  activateAccount,
  banAccount,
  createInvite,
  deactivateAccount,
  findAccount,
  listAccounts,
  startPasswordReset,
  type AccountRow,
  type ActivationRefusal,
} from '../src/server/accounts/operator.ts';
import type { Config } from '../src/server/config.ts';
import type { Sql } from '../src/server/db/client.ts';
import { StartError } from '../src/server/start-error.ts';
import { closeReport, listReports, type ReportRow } from '../src/server/users/operator.ts';
import { toUuid } from '../src/protocol/ids.ts';
import { limits } from '../src/protocol/limits.ts';
import { withDatabase, type OpenDatabase } from './support/open-database.ts';
import { runCommand } from './support/run-command.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const describe = ({ id, name, email, phone, username }: AccountRow): string => {
  const identifiers = [email, phone, username].filter((identifier) => identifier !== null);
  return `${name} (${identifiers.length > 0 ? identifiers.join(', ') : id})`;
};

/** On the database of a server that has been started before, where there can be somebody. */
const onAccounts = (work: (database: OpenDatabase) => Promise<void>): Promise<void> =>
  withDatabase(process.env, work, { mustExist: true });

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
  onAccounts(async ({ sql }) => {
    say(['id', 'name', 'email', 'phone', 'username', 'state', 'created'].join('\t'));
    for await (const { id, name, email, phone, username, state, createdAt } of listAccounts(sql)) {
      say([id, name, email ?? '-', phone ?? '-', username ?? '-', state, createdAt].join('\t').replaceAll('\n', ' '));
    }
  });

const reset = (identifier: string): Promise<void> =>
  onAccounts(async ({ sql, config }) => {
    const account = await getAccount(sql, identifier);
    const { token, ended } = await startPasswordReset(sql, account.id);
    say(`${describe(account)}: ${ended} sessions ended.`);
    say(`Hand this link to them; it sets a new password, once, within ${limits.tokens.oneTimeLinkHours} hours:`);
    say(`${toAddress(config)}/reset#${token}`);
  });

const deactivate = (identifier: string): Promise<void> =>
  onAccounts(async ({ sql }) => {
    const account = await getAccount(sql, identifier);
    const ended = await deactivateAccount(sql, account.id);
    say(`${describe(account)} is deactivated; ${ended} sessions ended.`);
  });

const activationRefusals: Record<ActivationRefusal, string> = {
  banned: 'is banned; lift that with: npm run user -- unban',
  not_banned: 'is not banned; who is deactivated is activated with: npm run user -- activate',
  deleted: 'was deleted, and a deleted account cannot be activated',
};

const letIn = (identifier: string, { unban }: { unban: boolean }): Promise<void> =>
  onAccounts(async ({ sql }) => {
    const account = await getAccount(sql, identifier);
    const refusal = await activateAccount(sql, account.id, { unban });
    if (refusal) throw new StartError(`${describe(account)} ${activationRefusals[refusal]}`);
    say(`${describe(account)} may log in.`);
  });

const activate = (identifier: string): Promise<void> => letIn(identifier, { unban: false });
const unban = (identifier: string): Promise<void> => letIn(identifier, { unban: true });

const ban = (identifier: string, { reason }: { reason?: string }): Promise<void> =>
  onAccounts(async ({ sql }) => {
    const account = await getAccount(sql, identifier);
    if (account.state === 'deleted') throw new StartError(`${describe(account)} was deleted.`);
    const ended = await banAccount(sql, account.id, reason);
    say(`${describe(account)} is banned; ${ended} sessions ended.`);
  });

/** What others wrote is shown on lines of its own, so that nobody can write a line that looks like the report's. */
const indent = (text: string): string => text.replaceAll(/^/gm, '  | ');

function showReport({ id, createdAt, closedAt, reporter, person, personId, ...report }: ReportRow): void {
  const state = closedAt === null ? 'open' : `closed ${closedAt}`;
  say(`${id}  ${createdAt}  ${state}`);
  say(
    `  about ${toLine(person)} (${personId}), by ${reporter === null ? 'the operator, who banned them' : toLine(reporter)}`,
  );
  say(indent(report.reason));
  if (report.messageText === null) return;
  say(`  their message ${report.messageId}, as it was then:`);
  say(indent(report.messageText));
}

const toLine = (text: string): string => text.replaceAll(/\s+/g, ' ');

const reports = ({ all }: { all?: boolean }): Promise<void> =>
  onAccounts(async ({ sql }) => {
    let count = 0;
    for await (const report of listReports(sql, { all: all ?? false })) {
      showReport(report);
      count++;
    }
    if (count === 0) say(all ? 'There are no reports.' : 'There are no open reports.');
  });

const closeOne = (text: string): Promise<void> =>
  onAccounts(async ({ sql }) => {
    const id = toUuid(text);
    const closed = id === undefined ? undefined : await closeReport(sql, id);
    if (!closed) throw new StartError(`There is no report ${text}. "npm run user -- reports --all" shows them.`);
    say(closed === 'now' ? `Report ${id} is closed.` : `Report ${id} was closed before.`);
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
program
  .command('ban <identifier>')
  .description('deactivate somebody until the ban is lifted')
  .option('--reason <text>', 'why; kept among the reports')
  .action(ban);
program.command('unban <identifier>').description('lift a ban; the person may log in again').action(unban);
const reportsCommand = program
  .command('reports')
  .description('show what people reported and nobody has closed, the oldest first')
  .option('--all', 'closed ones too')
  .action(reports);
reportsCommand.command('close <id>').description('mark a report as dealt with').action(closeOne);
program.command('invite').description('make a code for one registration (REGISTRATION=invite)').action(invite);

await runCommand(() => program.parseAsync());
