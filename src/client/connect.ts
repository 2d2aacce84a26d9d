import { toMessengerError } from './errors.ts';
import type { Settings } from './core.ts';
import { OneMessenger } from './messenger.ts';
import { platform, systemClock } from './platform.ts';
import type { ConnectOptions, Messenger } from './types.ts';

/** What stands in for what was not given. Without a WebSocket or fetch of its own the platform has to be given one. */
function settle(options: ConnectOptions): Settings {
  const { WebSocket = platform.WebSocket, fetch = platform.fetch?.bind(globalThis) } = options;
  if (WebSocket === undefined)
    throw new TypeError('This platform has no WebSocket: give connect one, such as that of the package ws.');
  if (fetch === undefined) throw new TypeError('This platform has no fetch: give connect one.');
  const url = options.url.replace(/\/+$/, '');
  if (!/^https?:\/\//.test(url)) throw new TypeError('The url of a server begins with http:// or https://.');
  return {
    url,
    auth: options.auth,
    WebSocket,
    fetch,
    storage: options.storage,
    userId: options.userId,
    prefix: options.storagePrefix ?? 'messenger',
    onError: options.onError ?? ((): void => undefined),
    random: options.random ?? Math.random,
    clock: options.clock ?? systemClock,
    markDelivered: options.markDelivered ?? true,
    requestTimeoutMs: options.requestTimeoutMs ?? 15_000,
    perChat: options.memory?.perChat ?? 500,
    total: options.memory?.total ?? 5_000,
  };
}

/**
 * Opens a messenger: it connects by itself and stays connected until it is closed or its session ends. Nothing has to be
 * awaited before it is used; `ready()` resolves when everything is there. Throws a TypeError when the platform lacks what is
 * needed and it was not given.
 */
export const connect = (options: ConnectOptions): Messenger => {
  const settings = settle(options);
  const report = settings.onError;
  return new OneMessenger({
    ...settings,
    onError: (error) => {
      try {
        report(toMessengerError(error, 'bad_answer'));
      } catch {
        // Whoever throws while being told of an error has nobody left to tell.
      }
    },
  });
};
