import type { Router } from 'express';
import { actionsPage } from '../../protocol/actions-http.ts';
import type { mountOn } from '../http/mount.ts';
import { mountFiles, mountHtml } from './pages.ts';

// The page of system 003: a token, a chat, and what is said there. No inline script and no inline style, and text only ever
// as text: the server's content security policy allows nothing else. Its addresses are relative to the host it came from.

const html = `<!doctype html>
<html lang="ru">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="referrer" content="no-referrer" />
    <title>Чат</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/api/v1/static/page.css" />
    <script type="module" src="/api/v1/static/page.js"></script>
  </head>
  <body>
    <main>
      <form id="connect">
        <label for="token">Токен</label>
        <input id="token" type="password" autocomplete="off" required autofocus />
        <button id="connect-button">Подключиться</button>
      </form>
      <form id="join">
        <label for="chat">Чат</label>
        <input id="chat" autocomplete="off" placeholder="id" required />
        <button id="join-button" disabled>Войти в чат</button>
        <button id="leave-button" type="button" disabled>Выйти из чата</button>
      </form>
      <p id="status" role="status">Отключено</p>
      <ol id="messages" aria-live="polite"></ol>
      <p id="typing"></p>
      <form id="send">
        <label for="text">Сообщение</label>
        <input id="text" autocomplete="off" maxlength="4096" required />
        <button id="send-button" disabled>Отправить</button>
      </form>
    </main>
  </body>
</html>
`;

const script = `const at = (id) => document.getElementById(id);
const typingShownMs = 3000;
const typingToldMs = 2000;
let socket;
let ownId;
let chatId;
let typingToldAt = 0;
let typingTimer;

const show = (text) => { at('status').textContent = text; };
const say = (frame) => socket.send(JSON.stringify({ chat_id: chatId, ...frame }));

function allow() {
  const isOpen = socket?.readyState === WebSocket.OPEN;
  at('join-button').disabled = !isOpen;
  at('leave-button').disabled = at('send-button').disabled = !isOpen || chatId === undefined;
}

/** Whose token it is: the middle part says so. The server checks it. */
function readOwner(token) {
  try {
    return JSON.parse(atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/'))).sub;
  } catch {
    return undefined;
  }
}

function addMessage({ id, sender, text, created_at, is_read }) {
  if (document.getElementById(id)) return;
  const isOwn = sender.id === ownId;
  const item = document.createElement('li');
  item.id = id;
  item.className = isOwn ? 'own' : 'other';
  const parts = [
    ['b', isOwn ? 'Вы' : sender.name],
    ['span', text],
    ['time', new Date(created_at).toLocaleTimeString('ru', { hour: '2-digit', minute: '2-digit' })],
    ...(isOwn ? [['i', is_read ? '✓✓' : '✓']] : []),
  ];
  for (const [tag, content] of parts) {
    const part = document.createElement(tag);
    part.textContent = content;
    item.append(part);
  }
  at('messages').append(item);
  item.scrollIntoView({ block: 'end' });
  at('typing').textContent = '';
  if (!isOwn) say({ action: 'message_read', message_id: id });
}

/** Who has read a message has read all before it. */
function showRead({ message_id, user_id }) {
  if (user_id === ownId) return;
  for (let item = document.getElementById(message_id); item; item = item.previousElementSibling) {
    const mark = item.querySelector('i');
    if (mark) mark.textContent = '✓✓';
  }
}

function showTyping(name) {
  at('typing').textContent = name + ' печатает…';
  clearTimeout(typingTimer);
  typingTimer = setTimeout(() => { at('typing').textContent = ''; }, typingShownMs);
}

function hear({ status, event, error, data, chat_id, user_name }) {
  if (error !== undefined) show(error);
  else if (status === 'joined') {
    chatId = chat_id;
    at('messages').replaceChildren();
    show('Подключено, чат открыт');
  } else if (status === 'left' && chat_id === chatId) {
    chatId = undefined;
    show('Подключено, чат закрыт');
  } else if (chat_id === chatId && event === 'typing') showTyping(user_name);
  else if (data?.chat_id === chatId && event === 'new_message') addMessage(data);
  else if (data?.chat_id === chatId && event === 'message_read') showRead(data);
  allow();
}

at('connect').addEventListener('submit', (submit) => {
  submit.preventDefault();
  const token = at('token').value.trim();
  socket?.close();
  chatId = undefined;
  ownId = readOwner(token);
  const address = (location.protocol === 'https:' ? 'wss://' : 'ws://') + location.host + '/api/v1/ws';
  const opened = (socket = new WebSocket(address + '?token=' + encodeURIComponent(token)));
  opened.addEventListener('open', () => { show('Подключено'); allow(); });
  opened.addEventListener('message', (message) => { if (socket === opened) hear(JSON.parse(message.data)); });
  opened.addEventListener('close', ({ reason }) => {
    if (socket !== opened) return;
    chatId = undefined;
    show('Отключено' + (reason ? ': ' + reason : ''));
    allow();
  });
  allow();
});

at('join').addEventListener('submit', (submit) => {
  submit.preventDefault();
  const next = at('chat').value.trim();
  if (chatId !== undefined && chatId !== next) say({ action: 'leave_chat' });
  socket.send(JSON.stringify({ action: 'join_chat', chat_id: next }));
});

at('leave-button').addEventListener('click', () => say({ action: 'leave_chat' }));

at('send').addEventListener('submit', (submit) => {
  submit.preventDefault();
  if (chatId === undefined || at('text').value.trim() === '') return;
  say({ action: 'send_message', text: at('text').value });
  at('text').value = '';
  typingToldAt = 0;
});

at('text').addEventListener('input', () => {
  if (chatId === undefined || Date.now() - typingToldAt < typingToldMs) return;
  typingToldAt = Date.now();
  say({ action: 'typing' });
});
`;

const style = `:root { color-scheme: light dark; font: 1rem/1.4 system-ui, sans-serif; }
body { margin: 0; }
main { display: flex; flex-direction: column; gap: 0.75rem; box-sizing: border-box; max-width: 44rem; height: 100vh; margin: 0 auto; padding: 1rem; }
form { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem; }
label { min-width: 6rem; }
input { flex: 1 1 12rem; min-width: 0; }
input, button { font: inherit; padding: 0.4rem 0.6rem; }
p { margin: 0; }
#status { font-weight: 600; }
#typing { min-height: 1.4em; font-style: italic; }
#messages { flex: 1; overflow-y: auto; display: flex; flex-direction: column; gap: 0.4rem; margin: 0; padding: 0.75rem; list-style: none; border: 1px solid GrayText; border-radius: 0.5rem; }
li { display: grid; grid-template-columns: auto 1fr; column-gap: 0.5rem; align-self: start; max-width: 80%; padding: 0.4rem 0.7rem; border-radius: 0.5rem; background: color-mix(in srgb, CanvasText 10%, Canvas); }
li.own { align-self: end; background: color-mix(in srgb, LinkText 20%, Canvas); }
li b { grid-column: 1 / -1; font-size: 0.8rem; }
li span { grid-column: 1 / -1; overflow-wrap: anywhere; white-space: pre-wrap; }
li time, li i { font-size: 0.75rem; font-style: normal; }
`;

/** Puts the page on the router. */
export function mountActionsPage(mount: ReturnType<typeof mountOn>, router: Router): void {
  mountHtml(mount, actionsPage, html, { 'referrer-policy': 'no-referrer' });
  mountFiles(router, '/api/v1/static', { js: script, css: style });
}
