import { isIP } from 'node:net';
import type { z } from 'zod';
import { limits } from '../protocol/limits.ts';
import {
  isDatabaseUrl,
  oneOf,
  orAbsent,
  parsed,
  toOrigin,
  toOrigins,
  toTrustProxy,
  whole,
  words,
} from './config-values.ts';
import { StartError } from './start-error.ts';

export interface Config {
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** Absent: the embedded PostgreSQL in `dataDir`. */
  databaseUrl?: string;
  dataDir: string;
  /** Absent: files are kept in `dataDir`. */
  s3Bucket?: string;
  /** Absent: Amazon's own. */
  s3Endpoint?: string;
  s3Region: string;
  /** Absent: the SDK looks for keys where the machine keeps them. */
  s3AccessKeyId?: string;
  s3SecretAccessKey?: string;
  /** What the names of all objects begin with. */
  s3Prefix: string;
  /** Absent: the key kept in `dataDir`. */
  jwtSecret?: string;
  accessTokenTtlSeconds: number;
  refreshTokenTtlDays: number;
  /** Absent, as the three below: as long as ACCESS_TOKEN_TTL_SECONDS and REFRESH_TOKEN_TTL_DAYS say. In seconds. */
  jwtLifetimeSeconds?: number;
  /** In minutes, as the two below. */
  tokenLifetime?: number;
  refreshTokenLifetime?: number;
  jwtAccessTokenExpiresMinutes?: number;
  passwordMinLength: number;
  registration: 'open' | 'invite' | 'closed';
  /** An origin: scheme, host and port, without a slash at the end. */
  publicUrl?: string;
  /** As Express takes it: nobody, the number of proxies in front, or their addresses. */
  trustProxy: boolean | number | string;
  historyPublic: 'off' | 'on' | 'published';
  rateLimits: boolean;
  corsOrigins: string[];
  logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  bcryptCost: number;
  unsafeDurability: boolean;
}

/** A variable of the environment: its text without the variable, what it does, and how its text becomes a value. */
interface Variable<T> {
  default: string;
  meaning: string;
  schema: z.ZodType<T, string>;
  /** Its value never appears in a message. */
  secret?: true;
}

/** Every variable the server reads, in the order of `example.env`. */
const variables = {
  host: {
    default: '127.0.0.1',
    meaning: 'The address to listen on; 0.0.0.0 is every network of this machine.',
    schema: parsed('an address of this machine, such as 127.0.0.1 or 0.0.0.0', (text) =>
      /^\[?[\w.:%-]+\]?$/.test(text) ? text.replace(/^\[|\]$/g, '') : undefined,
    ),
  },
  port: { default: '8000', meaning: 'The port to listen on; 0 takes any free one.', schema: whole(0, 65_535) },
  databaseUrl: {
    default: '',
    meaning:
      'A PostgreSQL (15 or newer) of your own, postgres://user:password@host:5432/database. Empty: an embedded one in DATA_DIR.',
    schema: orAbsent(
      parsed(
        'postgres://user:password@host:5432/database, special characters of the password percent-encoded',
        (text) => (isDatabaseUrl(text) ? text : undefined),
      ),
    ),
    secret: true,
  },
  dataDir: {
    default: './data',
    meaning:
      'The folder for the embedded database, the signing key and pictures. It is made when it is missing. Back it up.',
    schema: parsed('the path of a folder', (text) => (text.includes('\0') ? undefined : text)),
  },
  s3Bucket: {
    default: '',
    meaning:
      'The bucket of an S3-compatible storage for pictures. Empty: the folder media in DATA_DIR, which several servers must share.',
    schema: orAbsent(
      parsed('the name of a bucket, of 2 to 255 letters, digits, -, . and _', (text) =>
        /^[a-zA-Z0-9][\w.-]{1,254}$/.test(text) ? text : undefined,
      ),
    ),
  },
  s3Endpoint: {
    default: '',
    meaning: "The storage's address, such as https://storage.example.org:9000. Empty: Amazon's.",
    schema: orAbsent(parsed('an address without a path, such as https://storage.example.org:9000', toOrigin)),
  },
  s3Region: {
    default: 'us-east-1',
    meaning: 'The region of the bucket.',
    schema: parsed('the name of a region, such as eu-central-1', (text) =>
      /^[\w-]{1,64}$/.test(text) ? text : undefined,
    ),
  },
  s3AccessKeyId: {
    default: '',
    meaning: 'The key that opens the bucket. Empty: what the machine offers (profile, role of the instance).',
    schema: orAbsent(parsed('the id of an access key', (text) => text)),
  },
  s3SecretAccessKey: {
    default: '',
    meaning: 'The secret that belongs to S3_ACCESS_KEY_ID.',
    schema: orAbsent(parsed('the secret of an access key', (text) => text)),
    secret: true,
  },
  s3Prefix: {
    default: '',
    meaning:
      'What the names of all objects begin with, such as messenger/; for a bucket that holds other things too. Two databases must not share bucket and prefix: each deletes pictures that it does not know.',
    schema: parsed('letters, digits, -, _, . and /, not beginning with /', (text) =>
      /^(?!\/)[\w./-]{0,200}$/.test(text) ? text : undefined,
    ),
  },
  jwtSecret: {
    default: '',
    meaning:
      'Signs access tokens, at least 32 characters; all servers of one database need the same. Empty: a key made once and kept in DATA_DIR.',
    schema: orAbsent(
      parsed('at least 32 random characters, for instance from: openssl rand -base64 32', (text) =>
        text.length >= 32 ? text : undefined,
      ),
    ),
    secret: true,
  },
  accessTokenTtlSeconds: {
    default: '1800',
    meaning: 'How long an access token is valid, in seconds.',
    schema: whole(1, 86_400),
  },
  refreshTokenTtlDays: {
    default: '30',
    meaning: `How long a login lasts without being used, in days; none lasts longer than ${limits.tokens.refreshAbsoluteDays}.`,
    schema: whole(1, limits.tokens.refreshAbsoluteDays),
  },
  jwtLifetimeSeconds: {
    default: '',
    meaning:
      'How long an access token is valid that was got with a phone number by a form (/auth/login, /auth/jwt/login), in seconds. Empty: ACCESS_TOKEN_TTL_SECONDS.',
    schema: orAbsent(whole(1, 86_400)),
  },
  tokenLifetime: {
    default: '',
    meaning: 'The same for logins with a username or an e-mail address by a form and for /auth/refresh, in minutes.',
    schema: orAbsent(whole(1, 1_440)),
  },
  refreshTokenLifetime: {
    default: '',
    meaning: 'How long their refresh token is valid, in minutes. Empty: REFRESH_TOKEN_TTL_DAYS.',
    schema: orAbsent(whole(1, limits.tokens.refreshAbsoluteDays * 1_440)),
  },
  jwtAccessTokenExpiresMinutes: {
    default: '',
    meaning: 'The same as JWT_LIFETIME_SECONDS for logins by JSON (/auth/login, /api/v1/auth/login), in minutes.',
    schema: orAbsent(whole(1, 1_440)),
  },
  passwordMinLength: {
    default: String(limits.password.minLength),
    meaning: 'The shortest password that may be registered, in characters.',
    schema: whole(limits.password.minLength, limits.password.maxBytes),
  },
  registration: {
    default: 'open',
    meaning: 'Who may register: open (everybody), invite (with a code from the operator), closed (nobody).',
    schema: words('open', 'invite', 'closed'),
  },
  publicUrl: {
    default: '',
    meaning:
      'The origin under which browsers reach this server, such as https://chat.example.org. Empty: the address it listens on.',
    schema: orAbsent(parsed('an origin without a path, such as https://chat.example.org', toOrigin)),
  },
  trustProxy: {
    default: 'false',
    meaning:
      'Whose X-Forwarded-For counts: false (nobody), the number of proxies in front, or their addresses (loopback, 10.0.0.0/8).',
    schema: parsed(
      'false, the number of proxies in front of this server (1 to 9), or their addresses separated by commas; true would believe every client',
      toTrustProxy,
    ),
  },
  historyPublic: {
    default: 'false',
    meaning:
      'Answer GET /history/:chatId without a token. For demos: true only on loopback; published in a container whose port is published on 127.0.0.1.',
    schema: oneOf({ false: 'off', true: 'on', published: 'published' } as const),
  },
  rateLimits: {
    default: 'on',
    meaning: 'off lifts the rates and the counts per person and address, for load tests.',
    schema: oneOf({ on: true, off: false }),
  },
  corsOrigins: {
    default: '',
    meaning: 'Origins, separated by commas, whose pages may call the HTTP API of this server. Empty: none but its own.',
    schema: parsed('exact origins separated by commas, such as https://app.example.org', toOrigins),
  },
  logLevel: {
    default: 'info',
    meaning: 'How much is logged: silent, fatal, error, warn, info, debug or trace.',
    schema: words('silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'),
  },
  bcryptCost: { default: '10', meaning: 'The work of one password hash; each step doubles it.', schema: whole(4, 15) },
  unsafeDurability: {
    default: '0',
    meaning:
      '1 starts even on a PostgreSQL that may lose acknowledged messages (fsync, full_page_writes or synchronous_commit off).',
    schema: oneOf({ 0: false, 1: true }),
  },
} satisfies { [K in keyof Required<Config>]: Variable<Config[K]> };

const toName = (key: string): string => key.replace(/[A-Z]/g, '_$&').toUpperCase();

/** The variables of the environment with their defaults and meanings, for documents, `--help` and `example.env`. */
export const listVariables = (): { name: string; default: string; meaning: string }[] =>
  Object.entries(variables).map(([key, variable]) => ({
    name: toName(key),
    default: variable.default,
    meaning: variable.meaning,
  }));

/** The text of `example.env`. */
export const toExampleEnv = (): string =>
  [
    '# Copy to .env and change what you need. Every line here is the default; variables of the shell win over .env.\n',
    ...listVariables().map((variable) => `# ${variable.meaning}\n${variable.name}=${variable.default}\n`),
  ].join('\n');

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

/**
 * The configuration that an environment asks for. An empty variable counts as absent.
 * @throws StartError that names every mistake, what stands there and what to write instead.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const mistakes: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, variable] of Object.entries(variables) as [string, Variable<unknown>][]) {
    const text = env[toName(key)]?.trim() || variable.default;
    const result = variable.schema.safeParse(text);
    if (!result.success) {
      const shown = variable.secret ? 'is not valid' : `is ${JSON.stringify(text)}`;
      mistakes.push(`${toName(key)} ${shown}; write ${result.error.issues[0]?.message ?? 'another value'}.`);
    } else if (result.data !== undefined) values[key] = result.data;
  }
  if (values['historyPublic'] === 'on' && typeof values['host'] === 'string' && !isLoopback(values['host'])) {
    mistakes.push(
      `HISTORY_PUBLIC is "true" while HOST is ${JSON.stringify(values['host'])}: everybody on the network could read every chat. Set HOST=127.0.0.1, or HISTORY_PUBLIC=false; write "published" only in a container whose port is published on 127.0.0.1.`,
    );
  }
  if ((values['s3AccessKeyId'] === undefined) !== (values['s3SecretAccessKey'] === undefined))
    mistakes.push('S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY belong together; set both, or neither.');
  if (mistakes.length > 0) {
    const count = mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`;
    throw new StartError(
      `The configuration has ${count}:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}\nexample.env explains every variable.`,
    );
  }
  // Each value went through the schema that `satisfies` ties to its key.
  return values as unknown as Config;
}
