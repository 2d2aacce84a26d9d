/** Sends pictures: the one thing of the interface that is no JSON. */
import { Http } from '../../client/http.ts';
import type { Messenger } from '../../client/index.ts';
import { toError } from './api.ts';

/** Puts a picture at a path, as who has logged in. Errors: `MessengerError`. */
export async function uploadPicture(messenger: Messenger, path: string, picture: Blob): Promise<unknown> {
  const body = new FormData();
  body.append('avatar', picture, 'picture');
  const http = new Http({
    url: '',
    withCookie: true,
    fetch: (url, { method }) => fetch(url, { method, credentials: 'same-origin', body }),
  });
  const send = (): Promise<unknown> => http.send({ method: 'PUT', path });
  try {
    return await send();
  } catch (thrown) {
    if (toError(thrown).code !== 'not_authenticated') throw thrown;
    // The messenger renews the cookie of a session that goes on.
    await messenger.request({ method: 'GET', path: '/api/v1/users/me' });
    return send();
  }
}
