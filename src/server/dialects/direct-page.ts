import type { Page } from './pages.ts';

/** A page to write to one person, whose id one knows. */
export const directPage: Page = {
  folder: '/chat',
  title: 'Личная переписка · Direct chat',
  main: `      <form id="login">
        <input id="phone" type="tel" placeholder="Телефон · Phone" aria-label="Телефон · Phone" autocomplete="username" required />
        <input id="password" type="password" placeholder="Пароль · Password" aria-label="Пароль · Password" autocomplete="current-password" required />
        <button>Войти · Login</button>
      </form>
      <form id="receiving" hidden>
        <input id="receiver" placeholder="ID получателя · Receiver ID" aria-label="ID получателя · Receiver ID" autocomplete="off" required />
        <button>Подключиться · Connect</button>
      </form>`,
  script: `let token;
onSubmit('login', async () => {
  token = await logIn(get('phone').value, get('password').value);
  const response = await fetch('/users/me', { headers: { authorization: 'Bearer ' + token } });
  const { id } = await response.json();
  get('receiving').hidden = false;
  say('Ваш ID · Your ID: ' + id);
  get('receiver').focus();
});
onSubmit('receiving', () => {
  const receiver = get('receiver').value.trim();
  connect('/ws/' + encodeURIComponent(receiver) + '/' + token, (text) => show(receiver + ': ' + text));
});
onSend((text) => show('Вы · You: ' + text));
`,
};
