/** What stands in front of a server in production: an address of its own, and TLS. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';
import { createServer } from 'node:tls';
import { promisify } from 'node:util';

export const host = 'chat.example.org';
/** Where the browsers of the pictures find the server. */
export const origin = `https://${host}`;

export interface Front extends AsyncDisposable {
  port: number;
}

/** Key and certificate as one text, signed by nobody but itself. */
async function certify(): Promise<string> {
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const { stdout } = await promisify(execFile)('openssl', [
    ...args,
    '-subj',
    `/CN=${host}`,
    '-keyout',
    '-',
    '-out',
    '-',
  ]);
  return stdout;
}

/** Ends TLS in front of the server on a port of this machine. */
export async function openFront(serverPort: number): Promise<Front> {
  const pem = await certify();
  const server = createServer({ key: pem, cert: pem }, (socket) => {
    const onward = connect(serverPort, '127.0.0.1');
    // A browser that goes away is no failure.
    pipeline(socket, onward, socket, () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}
