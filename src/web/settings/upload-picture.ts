/** Sends a picture to where the server takes one; the SDK itself sends JSON only. */
import { Http } from '../../client/http.ts';
import type { Messenger } from '../../client/index.ts';
import { toError } from '../app/api.ts';

/** `path`: of a person's or a group's picture. Errors: `MessengerError`. */
export async function uploadPicture(messenger: Messenger, path: string, picture: Blob): Promise<void> {
  const body = new FormData();
  body.append('avatar', picture, 'picture');
  const sendForm = (url: string, request: RequestInit): Promise<Response> => fetch(url, { ...request, body });
  const http = new Http({ url: '', withCookie: true, fetch: sendForm });
  const send = (): Promise<unknown> => http.send({ method: 'PUT', path });
  try {
    await send();
  } catch (error) {
    if (toError(error).code !== 'not_authenticated') throw error;
    // The access token had run out; any request of the SDK renews it.
    await messenger.request({ method: 'GET', path: '/api/v1/users/me' });
    await send();
  }
}
