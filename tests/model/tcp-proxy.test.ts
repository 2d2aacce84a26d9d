import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TcpProxy } from '../support/tcp-proxy.ts';

/** A client whose server says back what it hears. */
class Talk {
  readonly socket: Socket;
  heard = '';
  isClosed = false;

  constructor(proxy: TcpProxy) {
    this.socket = connect(Number(new URL(proxy.url).port), '127.0.0.1');
    this.socket.setEncoding('utf8').on('data', (text: string) => void (this.heard += text));
    this.socket.on('error', () => undefined).on('close', () => void (this.isClosed = true));
  }

  say(text: string): void {
    this.socket.write(text);
  }

  until(condition: () => boolean): Promise<void> {
    return expect.poll(condition, { interval: 5 }).toBe(true);
  }

  hears(text: string): Promise<void> {
    return this.until(() => this.heard === text);
  }
}

describe('a road that breaks', () => {
  let server: Server;
  let proxy: TcpProxy;
  let talk: Talk;
  const serverSockets = new Set<Socket>();

  beforeEach(async () => {
    server = createServer((socket) => {
      serverSockets.add(socket);
      socket.on('error', () => undefined).on('close', () => serverSockets.delete(socket));
      socket.pipe(socket);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    proxy = await TcpProxy.open(() => ({ host: '127.0.0.1', port: (server.address() as AddressInfo).port }));
    talk = new Talk(proxy);
    talk.say('one ');
    await talk.hears('one ');
  });
  afterEach(async () => {
    talk.socket.destroy();
    await proxy[Symbol.asyncDispose]();
    server.close();
  });

  it('ends both sides when it is cut', async () => {
    proxy.cut();
    await talk.until(() => talk.isClosed && serverSockets.size === 0);
  });

  it('lets half of what the server says through, and ends', async () => {
    proxy.cutInNextFrames(1);
    talk.say('12345678');
    await talk.until(() => talk.isClosed);
    expect(talk.heard).toBe('one 1234');
    expect(proxy.cutInFrame).toBe(1);
  });

  it('goes silent without telling anybody, until it is mended', async () => {
    proxy.silence();
    talk.say('lost ');
    const another = new Talk(proxy);
    another.say('heard');
    await another.hears('heard');
    expect([talk.heard, talk.isClosed, serverSockets.size]).toEqual(['one ', false, 2]);
    talk.socket.destroy();
    another.say(' again');
    await another.hears('heard again');
    expect(serverSockets.size).toBe(2);
    proxy.mend();
    await talk.until(() => serverSockets.size === 1);
    another.socket.destroy();
  });

  it('is late, and keeps the order', async () => {
    proxy.delayMs = 80;
    const startedAt = performance.now();
    for (const word of ['two ', 'three ', 'four']) talk.say(word);
    await talk.hears('one two three four');
    expect(performance.now() - startedAt).toBeGreaterThan(150);
    proxy.mend();
    talk.say(' five');
    await talk.hears('one two three four five');
  });

  it('is narrow', async () => {
    proxy.bytesPerSecond = 100_000;
    const startedAt = performance.now();
    talk.say('x'.repeat(20_000));
    await talk.hears(`one ${'x'.repeat(20_000)}`);
    expect(performance.now() - startedAt).toBeGreaterThan(180);
  });

  it('is not there', async () => {
    proxy.refuses = true;
    const another = new Talk(proxy);
    await another.until(() => another.isClosed);
    talk.say('two');
    await talk.hears('one two');
  });
});
