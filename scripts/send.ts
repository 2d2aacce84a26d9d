import { createInterface } from 'node:readline';
import { Command, InvalidArgumentError } from 'commander';
import { addClientOptions, findPassword, getTexts, passwordHelp, type ClientOptions } from './chat/client-options.ts';
import { Complaint, exitCodes } from './chat/complaint.ts';
import { getChat, getPerson } from './chat/find.ts';
import { openLogin, type Login } from './chat/login.ts';
import { plainLook } from './chat/look.ts';
import { Names } from './chat/names.ts';
import { runClient } from './chat/run-client.ts';
import { Sender } from './chat/sender.ts';
import { askSecretOnTerminal } from './chat/tty-screen.ts';
import { within } from './chat/wait.ts';
import { toUuid } from '../src/protocol/ids.ts';

interface SendOptions extends ClientOptions {
  chat?: string;
  to?: string;
  clientId?: string;
  replyTo?: number;
  json?: boolean;
}

const toClientId = (text: string): string => {
  const id = toUuid(text);
  if (id === undefined) throw new InvalidArgumentError('It has to be a UUID.');
  return id;
};

const toSeqOption = (text: string): number => {
  if (!/^\d{1,15}$/.test(text) || Number(text) < 1)
    throw new InvalidArgumentError('The number of a message is needed.');
  return Number(text);
};

/** The chat that is meant; a direct one is made where there was none. */
async function getTarget({ messenger }: Login, options: SendOptions): Promise<string> {
  const look = plainLook(options.lang, getTexts(options));
  const names = new Names(messenger, look);
  if (options.to !== undefined)
    return (await messenger.openDirect(await getPerson(options.to, { messenger, names, look, found: [] }))).id;
  const others = messenger.store.get('chats').map((chat) => names.findOther(chat));
  await names.learn(others.filter((id) => id !== undefined));
  const chatId = toUuid(options.chat ?? '');
  return chatId ?? getChat(options.chat ?? '', { messenger, names, look, listed: [] }).id;
}

/** The argument's words as one message, else every line of the input that is not blank. */
async function* listTexts(words: readonly string[]): AsyncGenerator<string> {
  if (words.length > 0) {
    yield words.join(' ');
    return;
  }
  const lines = createInterface({ input: process.stdin, terminal: false, crlfDelay: Infinity });
  for await (const line of lines) if (line.trim() !== '') yield line;
}

async function send(words: readonly string[], options: SendOptions): Promise<void> {
  if ((options.chat === undefined) === (options.to === undefined))
    throw new Complaint('One of --chat and --to is needed.', exitCodes.usage);
  const t = getTexts(options);
  const waitMs = options.timeout * 1_000;
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
    requestTimeoutMs: waitMs,
    onError: () => undefined,
  });
  await within(login.messenger.ready(), waitMs, t.notReached(login.url));
  const chat = login.messenger.chat(await getTarget(login, options));
  const sender = new Sender({
    chat,
    t,
    waitMs,
    isJson: options.json ?? false,
    replyTo: options.replyTo,
    clientId: options.clientId,
    say: (line) => void process.stdout.write(`${line}\n`),
    complain: (line) => void process.stderr.write(`${line}\n`),
  });
  let isFirst = true;
  for await (const text of listTexts(words)) {
    await sender.send(text, isFirst && words.length > 0);
    isFirst = false;
  }
  process.exitCode = await sender.finish();
}

const program = addClientOptions(new Command('npm run send --'), 'send')
  .description('Send a message, or every line of the input as one, and wait until they are stored.')
  .argument('[text...]', 'the message; without it the lines of the input')
  .option('--chat <chat>', 'into this chat: its id or name')
  .option('--to <person>', 'to this person: e-mail address, phone number, username, id or name')
  .option('--reply-to <number>', 'the message that this one answers', toSeqOption)
  .option('--client-id <uuid>', 'what to call the message: the same call again sends nothing twice', toClientId)
  .option('--json', 'print answers as JSON, one a line')
  .addHelpText(
    'after',
    `
Examples:
  npm run -s send -- --as alice --to bob 'Are you there?'
  npm run -s send -- --as alice --chat Door. --json < lines.txt
  npm run -s send -- --as alice --to bob --client-id 1f0e8a52-6c3d-4b7e-9a10-5d2c7f3e4b61 'Once, however often this runs'

With --client-id and lines each line gets an id made of it and of the line's number, so that a file can be sent again.
${passwordHelp}
It prints a line for each message that is stored. It ends with 0 when all are, 1 when one was refused, 2 (wrong use) or
3 when the server was not reached in time: then it is not known whether the rest is stored.`,
  )
  .action(send);

await runClient(program, () => getTexts(program.opts<SendOptions>()));
