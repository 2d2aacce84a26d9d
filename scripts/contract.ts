/**
 * `npm run docs:contract`: writes docs/openapi.json and docs/asyncapi.json from the contract, and notes the wire of a new
 * version in docs/wire.json. It refuses to note another wire under the same version.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { describeHttp } from '../src/protocol/describe.ts';
import { describeSockets } from '../src/protocol/describe-sockets.ts';
import { wireVersion } from '../src/protocol/version.ts';
import { describeWire } from '../src/protocol/wire.ts';

const toFile = (name: string): string => `docs/${name}`;
const write = (name: string, value: unknown): void => {
  writeFileSync(toFile(name), `${JSON.stringify(value, null, 2)}\n`);
  console.log(`${toFile(name)} written`);
};

write('openapi.json', describeHttp());
write('asyncapi.json', describeSockets());

const wire = { version: wireVersion, sha256: createHash('sha256').update(describeWire()).digest('hex') };
const noted = existsSync(toFile('wire.json'))
  ? (JSON.parse(readFileSync(toFile('wire.json'), 'utf8')) as typeof wire)
  : undefined;
if (noted?.version !== wire.version) {
  write('wire.json', wire);
} else if (noted.sha256 !== wire.sha256) {
  console.error(
    `The wire is not that of version ${wire.version} any more: raise wireVersion in src/protocol/version.ts.`,
  );
  process.exitCode = 1;
}
