import { Command, InvalidArgumentError, Option } from 'commander';
import { addClientOptions, findPassword, getTexts, passwordHelp, type ClientOptions } from './chat/client-options.ts';
import { exitCodes } from './chat/complaint.ts';
import { getChat } from './chat/find.ts';
import { openLogin, type Login } from './chat/login.ts';
import { plainLook } from './chat/look.ts';
import { Names } from './chat/names.ts';
import { runClient } from './chat/run-client.ts';
import { sayError } from './chat/say-error.ts';
import { toTailPrinter } from './chat/show-tail.ts';
import { Tail, type TailStart } from './chat/tail.ts';
import { askSecretOnTerminal } from './chat/tty-screen.ts';
import { within } from './chat/wait.ts';
import { toUuid } from '../src/protocol/ids.ts';

interface TailOptions extends ClientOptions {
  chat: string;
  since: TailStart;
  json?: boolean;
}

/** `20`: the newest twenty; `#120`: from that message on; `all`. */
function toStart(text: string): TailStart {
  if (text === 'all') return { fromSeq: 1 };
  const [, place, number = ''] = /^(#|seq:)?(\d{1,15})$/.exec(text) ?? [];
  if (number === '') throw new InvalidArgumentError('A count (20), a message (#120 or seq:120) or all is needed.');
  if (place === undefined) return { newest: Number(number) };
  if (Number(number) < 1) throw new InvalidArgumentError('Messages are numbered from 1.');
  return { fromSeq: Number(number) };
}

async function getChatId({ messenger }: Login, options: TailOptions, names: Names): Promise<string> {
  const id = toUuid(options.chat);
  if (id !== undefined) return id;
  const others = messenger.store.get('chats').map((chat) => names.findOther(chat));
  await names.learn(others.filter((other) => other !== undefined));
  const look = plainLook(options.lang, getTexts(options));
  return getChat(options.chat, { messenger, names, look, listed: [] }).id;
}

/** Resolves at the first signal that asks to end. */
const untilSignal = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });

/** Says once that there is no connection, and once that there is one again. */
function reportOutages({ messenger }: Login, t: ReturnType<typeof getTexts>): void {
  let isTold = false;
  messenger.on('state', ({ state }) => {
    if (state === 'offline' && !isTold) process.stderr.write(`${t.tailOffline}\n`);
    if (state === 'online' && isTold) process.stderr.write(`${t.onlineAgain}\n`);
    if (state === 'offline' || state === 'online') isTold = state === 'offline';
  });
}

async function follow(login: Login, options: TailOptions, stopped: Promise<void>): Promise<void> {
  const t = getTexts(options);
  const { messenger } = login;
  const look = plainLook(options.lang, t);
  const names = new Names(messenger, look);
  await Promise.race([within(messenger.ready(), options.timeout * 1_000, t.notReached(login.url)), stopped]);
  if (messenger.state === 'stopped' || messenger.user === undefined) return;
  const chatId = await getChatId(login, options, names);
  const print = toTailPrinter({ look, names, isJson: options.json ?? false });
  const tail = new Tail({
    messenger,
    chatId,
    start: options.since,
    print: (change) => void process.stdout.write(print(change)),
    learn: (ids) => (options.json ? undefined : names.learn(ids)),
  });
  await Promise.race([tail.run(), stopped]);
}

async function run(options: TailOptions): Promise<void> {
  const t = getTexts(options);
  const stopped = untilSignal();
  await using login = await openLogin({
    url: options.url,
    identifier: options.as,
    device: options.device,
    stateFolder: options.stateDir,
    t,
    password: findPassword(),
    askSecret: askSecretOnTerminal,
    isAnew: false,
    keepsOutbox: false,
    readsOnly: true,
    onError: (error) => void process.stderr.write(`${sayError(error, t)}\n`),
  });
  reportOutages(login, t);
  await follow(login, options, stopped);
  process.exitCode = exitCodes.done;
}

const program = addClientOptions(new Command('npm run tail --'), 'tail')
  .description('Print a chat as it goes, every message and every change of one once and in order, until Ctrl-C.')
  .requiredOption('--chat <chat>', 'its id or name')
  .addOption(
    new Option('--since <place>', 'begin with the newest 20 (20), a message (#120 or seq:120) or all')
      .argParser(toStart)
      .default({ newest: 10 }, '10'),
  )
  .option('--json', 'a JSON object a line: {"type":"message"|"message_changed","message":{…}}')
  .addHelpText(
    'after',
    `
Examples:
  npm run -s tail -- --as alice --chat Door.
  npm run -s tail -- --as alice --chat 27784f95-d0e0-478d-b224-f718fe2da52c --since '#120' --json | jq .message.text

Nothing is marked as read or delivered. It goes on over breaks and restarts of the server.
${passwordHelp}
It ends with 0 at Ctrl-C, 1 when the server refuses (no such chat, logged out, no member any more), 2 (wrong use) or 3 when
the server was not reached at the start.`,
  )
  .action(run);

await runClient(program, () => getTexts(program.opts<TailOptions>()));
