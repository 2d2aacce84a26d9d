/** Somebody who acts through the SDK, beside those who have the page before them. */
import { WebSocket } from 'ws';
import { connect, type Messenger } from '../../../src/client/index.ts';
import type { Actor } from '../../support/cast.ts';

/** Close it with `await using`. `markDelivered` false: nothing arrives there as far as others see. */
export async function speaker({ url }: { url: string }, actor: Actor, markDelivered = false): Promise<Messenger> {
  const messenger = connect({
    url,
    auth: { identifier: actor.email, password: actor.password },
    WebSocket,
    markDelivered,
  });
  await messenger.ready();
  return messenger;
}
