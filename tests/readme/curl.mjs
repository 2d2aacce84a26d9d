// curl for machines that have none: -s, -X, -H and -d, which is all that the README uses.
import process from 'node:process';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    silent: { type: 'boolean', short: 's' },
    request: { type: 'string', short: 'X' },
    header: { type: 'string', short: 'H', multiple: true, default: [] },
    data: { type: 'string', short: 'd' },
  },
});
const headers = values.header.map((line) => line.split(/: ?(.*)/, 2));
const method = values.request ?? (values.data === undefined ? 'GET' : 'POST');
const answer = await fetch(positionals[0], {
  method,
  headers,
  ...(values.data !== undefined && { body: values.data }),
});
process.stdout.write(await answer.text());
