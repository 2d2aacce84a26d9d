import type { Page } from './pages.ts';

/** A page for the lobby and private messages. */
export const lobbyPage: Page = {
  folder: '/messenger',
  title: 'Общий чат · Lobby',
  main: `      <form id="login">
        <input id="username" placeholder="Имя или e-mail · Username or e-mail" aria-label="Имя или e-mail · Username or e-mail" autocomplete="username" required />
        <input id="password" type="password" placeholder="Пароль · Password" aria-label="Пароль · Password" autocomplete="current-password" required />
        <button>Войти · Connect</button>
      </form>
      <p>Лично одному · To one person: <code>/pm имя текст</code></p>`,
  script: `onSubmit('login', async () => {
  const token = await logIn(get('username').value, get('password').value);
  get('messages').replaceChildren();
  connect('/messenger/ws/?token=' + encodeURIComponent(token), show);
});
onSend(() => undefined);
`,
};
