/**
 * The small pages of the older systems: a form to log in, a list of lines, a line to write. No inline script and no inline
 * style: the server's content security policy allows neither. What people write is put on the page as text.
 */
import type { Router } from 'express';
import type { Endpoint } from '../../protocol/endpoint.ts';
import type { mountOn } from '../http/mount.ts';

type Mount = ReturnType<typeof mountOn>;
type PublicEndpoint = Endpoint & { auth: 'public' };

export interface Page {
  /** The folder of its script and style: `/chat`. */
  folder: string;
  title: string;
  /** What stands in `main`. */
  main: string;
  script: string;
}

const toHtml = ({ folder, title, main }: Page): string => `<!doctype html>
<html lang="ru">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${title}</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="${folder}/page.css" />
    <script type="module" src="${folder}/page.js"></script>
  </head>
  <body>
    <main>
      <h1>${title}</h1>
${main}
      <p id="status" role="status"></p>
      <ul id="messages" aria-live="polite"></ul>
      <form id="writing">
        <input id="message" placeholder="Сообщение · Message" aria-label="Сообщение · Message" autocomplete="off" required disabled />
        <button disabled>Отправить · Send</button>
      </form>
    </main>
  </body>
</html>
`;

const style = `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
* { box-sizing: border-box; }
body { margin: 0; }
main { max-width: 40rem; min-height: 100vh; margin: 0 auto; padding: 1rem; display: flex; flex-direction: column; gap: 0.75rem; }
h1 { font-size: 1.25rem; margin: 0; }
form { display: flex; flex-wrap: wrap; gap: 0.5rem; }
form[hidden] { display: none; }
input, button { font: inherit; padding: 0.5rem 0.75rem; border: 1px solid #8888; border-radius: 0.5rem; }
input { flex: 1 1 12rem; min-width: 0; }
button { cursor: pointer; }
button:disabled { cursor: default; opacity: 0.5; }
:focus-visible { outline: 2px solid #2a7; outline-offset: 1px; }
p { margin: 0; }
#status { min-height: 1.5em; opacity: 0.75; overflow-wrap: anywhere; }
#messages { flex: 1; min-height: 12rem; max-height: 60vh; overflow-y: auto; margin: 0; padding: 0.75rem; list-style: none; border: 1px solid #8884; border-radius: 0.5rem; }
#messages li { white-space: pre-wrap; overflow-wrap: anywhere; }
`;

/** What both pages share: elements, lines, logging in, and a socket of this very host. */
const common = `const get = (id) => document.getElementById(id);
const say = (text) => { get('status').textContent = text; };
const show = (text) => {
  const line = document.createElement('li');
  line.textContent = text;
  get('messages').append(line);
  line.scrollIntoView({ block: 'nearest' });
};
const logIn = async (username, password) => {
  const response = await fetch('/auth/login', { method: 'POST', body: new URLSearchParams({ username, password }) });
  const answer = await response.json();
  if (!response.ok) throw new Error(typeof answer.detail === 'string' ? answer.detail : answer.message);
  return answer.access_token;
};
const onSubmit = (id, act) =>
  get(id).addEventListener('submit', async (event) => {
    event.preventDefault();
    try {
      await act();
    } catch (error) {
      say(error.message);
    }
  });
let socket;
const connect = (path, onText) => {
  socket?.close();
  const opened = (socket = new WebSocket(location.origin.replace(/^http/, 'ws') + path));
  const allow = (open) => {
    for (const element of get('writing').elements) element.disabled = !open;
  };
  say('…');
  opened.addEventListener('open', () => {
    allow(true);
    say('Подключено · Connected');
    get('message').focus();
  });
  opened.addEventListener('message', ({ data }) => onText(data));
  opened.addEventListener('close', ({ reason }) => {
    if (opened !== socket) return;
    allow(false);
    say('Отключено · Disconnected' + (reason === '' ? '' : ': ' + reason));
  });
};
const onSend = (act) =>
  onSubmit('writing', () => {
    const { value } = get('message');
    if (value.trim() === '' || socket?.readyState !== WebSocket.OPEN) return;
    socket.send(value);
    act(value);
    get('message').value = '';
  });
`;

/** Puts a page's script and style on the router; the page itself is an endpoint of the contract. */
export const mountPageFiles = (router: Router, { folder, script }: Page): void =>
  mountFiles(router, folder, { js: common + script, css: style });

/** Puts what a page loads on the router: `page.js` and `page.css` in its folder. */
export function mountFiles(router: Router, folder: string, files: { js: string; css: string }): void {
  for (const [type, text] of Object.entries(files))
    router.get(`${folder}/page.${type}`, (_request, response) => {
      response.type(type).send(text);
    });
}

/** Puts a page on the router. */
export const mountPage = (mount: Mount, endpoint: PublicEndpoint, page: Page): void =>
  mountHtml(mount, endpoint, toHtml(page));

export function mountHtml(
  mount: Mount,
  endpoint: PublicEndpoint,
  html: string,
  more: Record<string, string> = {},
): void {
  const headers = { 'content-type': 'text/html; charset=utf-8', ...more };
  const bytes = Buffer.from(html);
  mount(endpoint, () => Promise.resolve({ status: 200, headers, bytes }));
}
