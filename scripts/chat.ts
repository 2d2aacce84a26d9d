import { Command } from 'commander';
import { addClientOptions, findPassword, getTexts, passwordHelp, type ClientOptions } from './chat/client-options.ts';
import { ascii, pictures, toPaint, type Look } from './chat/look.ts';
import { openLogin } from './chat/login.ts';
import { runClient } from './chat/run-client.ts';
import { LineScreen, type Screen } from './chat/screen.ts';
import { Terminal } from './chat/terminal.ts';
import { TtyScreen } from './chat/tty-screen.ts';
import { within } from './chat/wait.ts';
import { languages } from './chat/texts/texts.ts';

interface ChatOptions extends ClientOptions {
  open?: string;
  ascii?: boolean;
  color: boolean;
  frames?: boolean;
  forget?: boolean;
}

const isPerson = (): boolean => process.stdin.isTTY && process.stdout.isTTY && process.env['TERM'] !== 'dumb';

function toLook({ lang, ascii: isPlain, color }: ChatOptions): Look {
  const isColoured = color && process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '';
  return {
    language: lang,
    t: languages[lang],
    marks: isPlain ? ascii : pictures,
    paint: toPaint(isColoured),
    now: Date.now,
  };
}

const openScreen = (): Screen =>
  isPerson() ? new TtyScreen(process.stdin, process.stdout) : new LineScreen(process.stdin, process.stdout);

function toLogIn(options: ChatOptions, screen: Screen) {
  const { url, device, stateDir: stateFolder, timeout } = options;
  const t = getTexts(options);
  return (identifier: string, isAnew: boolean) =>
    openLogin({
      url,
      identifier,
      device,
      stateFolder,
      t,
      isAnew,
      password: findPassword(),
      askSecret: (question) => screen.askSecret(question),
      keepsOutbox: true,
      requestTimeoutMs: Math.min(timeout, 15) * 1_000,
      onError: ({ code, message }) => void screen.print(`! ${code}: ${message}`),
    });
}

/** Ends the kept login on the server, where that can be reached, and on this machine in any case. */
async function forget(options: ChatOptions, screen: Screen): Promise<void> {
  const t = getTexts(options);
  const { as: identifier, url, device, stateDir: stateFolder, timeout } = options;
  await using login = await openLogin({
    url,
    identifier,
    device,
    stateFolder,
    t,
    password: undefined,
    isAnew: false,
    keepsOutbox: false,
    // Where nothing was kept there is nothing to log in for.
    askSecret: () => Promise.resolve('-'),
    onError: () => undefined,
  });
  await within(login.messenger.logOut(), Math.min(timeout, 5) * 1_000, '').catch(() => undefined);
  await login.forget();
  screen.print(t.forgotten);
}

async function chat(options: ChatOptions): Promise<void> {
  const screen = openScreen();
  if (options.forget) return forget(options, screen).finally(() => screen.close());
  const terminal = new Terminal({
    screen,
    look: toLook(options),
    logIn: toLogIn(options, screen),
    identifier: options.as,
    openFirst: options.open,
    showsFrames: options.frames ?? false,
    waitMs: options.timeout * 1_000,
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => terminal.quit());
  process.exitCode = await terminal.run();
}

const program = addClientOptions(new Command('npm run chat --'), 'chat')
  .description('Chat in the terminal: typed lines are messages, lines with a slash are commands; /help shows them.')
  .option('--open <chat>', 'begin with this chat: its name or id')
  .option('--ascii', 'signs that every terminal knows instead of pictures')
  .option('--no-color', 'no colours (NO_COLOR does the same)')
  .option('--frames', 'show the raw protocol, without tokens')
  .option('--forget', 'end the login that was kept, and forget it')
  .addHelpText(
    'after',
    `
Examples:
  npm run chat -- --as alice
  npm run chat -- --url https://chat.example.org --as alice@example.com --lang ru
  npm run chat -- --as alice --frames
  printf '/open Door\\nHello!\\n' | MESSENGER_PASSWORD=… npm run -s chat -- --as alice

${passwordHelp}
Without a terminal it reads lines and writes lines. When one that is to open a chat fails, none is open after it; when /as
fails, no more is read. It ends with 0, 1 (something was refused), 2 (wrong use) or 3 (not reached, or something waits to
be sent).`,
  )
  .action(chat);

await runClient(program, () => getTexts(program.opts<ChatOptions>()));
