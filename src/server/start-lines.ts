import type { Config } from './config.ts';
import { listVariables } from './config.ts';
import { StartError } from './start-error.ts';

export interface Started {
  config: Config;
  /** Where the server listens, http://host:port. */
  url: string;
  dataDir: string;
  postgresVersion: string;
  unsafeSettings: string[];
  migrationsApplied: number;
  startedInMs: number;
}

/** What the person who started the server sees, whatever LOG_LEVEL is. */
export function toStartLines(started: Started): string[] {
  const { config, url, dataDir } = started;
  const kind = config.databaseUrl === undefined ? 'embedded PostgreSQL' : 'PostgreSQL';
  const migrations =
    started.migrationsApplied === 0 ? 'schema up to date' : `${started.migrationsApplied} migrations applied`;
  return [
    `Database     ${kind} ${started.postgresVersion}, ${migrations}`,
    `Data folder  ${dataDir}`,
    ...(config.s3Bucket === undefined ? [] : [`Pictures     ${toBucketLine(config)}`]),
    `Web client   ${url}`,
    `Listening    ${url}  (socket ${url.replace(/^http/, 'ws')}/ws, documents ${url}/docs)`,
    ...toWarnings(started).map((warning) => `WARNING      ${warning}`),
    `Ready in ${(started.startedInMs / 1_000).toFixed(1)} s. Ctrl-C stops it.`,
  ];
}

const toBucketLine = ({ s3Bucket, s3Endpoint }: Config): string =>
  `bucket ${s3Bucket} at ${s3Endpoint ?? 'Amazon S3'}, not looked at before it is needed`;

function toWarnings({ config, unsafeSettings }: Started): string[] {
  return [
    ...(config.historyPublic === 'off'
      ? []
      : ['HISTORY_PUBLIC is on: whoever reaches this port reads every chat without a token. For demos only.']),
    ...(unsafeSettings.length === 0
      ? []
      : [`UNSAFE_DURABILITY: acknowledged messages may be lost (${unsafeSettings.join(', ')} off).`]),
    ...(config.s3Bucket === undefined && (config.s3Endpoint ?? config.s3AccessKeyId) !== undefined
      ? ['S3_BUCKET is empty, so the other S3 variables do nothing: pictures go to media in the data folder.']
      : []),
    ...(config.rateLimits ? [] : ['RATE_LIMITS is off: one person can keep the server busy. For load tests only.']),
  ];
}

/** Why the start failed, for a person; undefined for a bug, which deserves its stack. */
export function toFailureLine(error: unknown, { host, port }: { host: string; port: number }): string | undefined {
  if (error instanceof StartError) return error.message;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall !== 'listen' && syscall !== 'getaddrinfo') return undefined;
  if (code === 'EADDRINUSE')
    return `Port ${port} on ${host} is taken by another program. Stop it, or set PORT to another one.`;
  if (code === 'EACCES') return `This user may not listen on port ${port}. Set PORT to 1024 or more.`;
  return `This machine has no address ${host} to listen on (${code}). Set HOST to one that it has, such as 127.0.0.1.`;
}

export const toHelp = (): string =>
  [
    'Usage: npm start',
    '       npm start -- --database-url   print the address of the database of the server that is up',
    '       npm start -- --help',
    '',
    'Variables of the environment, also read from the file .env:',
    ...listVariables().map(
      ({ name, default: value, meaning }) => `  ${name}${value === '' ? '' : ` (${value})`}\n      ${meaning}`,
    ),
  ].join('\n');
