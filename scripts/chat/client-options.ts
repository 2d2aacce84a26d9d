import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { toDefaultFolder } from './state-file.ts';
import { findLanguage, languages } from './texts/texts.ts';
import type { Texts } from './texts/en.ts';

/** What all commands that log in take. */
export interface ClientOptions {
  url: string;
  as: string;
  stateDir: string;
  device: string;
  lang: 'en' | 'ru';
  timeout: number;
}

export const toPositive = (text: string): number => {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('A number above 0 is needed.');
  return value;
};

const toIdentifier = (text: string): string => {
  if (text.trim() === '') throw new InvalidArgumentError('It is empty.');
  return text.trim();
};

/** `device`: what the login is called by default, so that the commands do not use each other's. */
export function addClientOptions(command: Command, device: string): Command {
  const { env } = process;
  const url = new Option('--url <address>', 'of the server').default(env['MESSENGER_URL'] ?? 'http://localhost:8000');
  const as = new Option('--as <identifier>', 'who logs in: e-mail address, phone number or username').argParser(
    toIdentifier,
  );
  return command
    .addOption(url)
    .addOption(env['MESSENGER_USER'] ? as.default(env['MESSENGER_USER']) : as.makeOptionMandatory())
    .addOption(new Option('--lang <language>', 'of the texts').choices(['en', 'ru']).default(findLanguage(env)))
    .addOption(
      new Option('--state-dir <folder>', 'where logins are kept, readable by you alone').default(toDefaultFolder(env)),
    )
    .addOption(new Option('--device <name>', 'the name of this login; two at the same time need two').default(device))
    .addOption(new Option('--timeout <seconds>', 'how long to wait for the server').argParser(toPositive).default(30))
    .exitOverride()
    .showHelpAfterError('(--help shows all)');
}

export const getTexts = ({ lang }: Pick<ClientOptions, 'lang'>): Texts => languages[lang];

/** From the environment: on the command line everybody on the machine could read it. */
export const findPassword = (): string | undefined => process.env['MESSENGER_PASSWORD'] || undefined;

export const passwordHelp =
  'The password is asked for, or taken from MESSENGER_PASSWORD; then the login is kept. MESSENGER_URL and MESSENGER_USER\n' +
  'stand for --url and --as.';
