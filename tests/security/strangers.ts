/** People who come and go in the tests of what strangers learn. */
import { randomUUID } from 'node:crypto';

export interface Answer {
  status: number;
  body: string;
}

export interface Login {
  email: string;
  password: string;
}

export const password = 'long enough for anybody';

export const readAnswer = async (response: Response): Promise<Answer> => ({
  status: response.status,
  body: await response.text(),
});

export const post = (url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

export async function register({ url }: { url: string }): Promise<Login & { id: string }> {
  const email = `${randomUUID()}@example.com`;
  const response = await post(`${url}/api/v1/auth/register`, { name: 'Somebody', email, password });
  const { id } = (await response.json()) as { id: string };
  return { id, email, password };
}

/** An access token by e-mail address and password. */
export async function logInForToken({ url }: { url: string }, { email, password: typed }: Login): Promise<string> {
  const response = await post(`${url}/api/v1/auth/token`, { email, password: typed });
  return ((await response.json()) as { access_token: string }).access_token;
}
