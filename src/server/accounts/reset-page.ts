import type { Router } from 'express';

// The page behind the one-time link of `npm run user -- reset`. The token stands after the #, so it is in no request and in
// no log. No inline script and no inline style: the server's content security policy allows neither.

const html = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="referrer" content="no-referrer" />
    <title>New password</title>
    <link rel="stylesheet" href="/reset/page.css" />
    <script type="module" src="/reset/page.js"></script>
  </head>
  <body>
    <main>
      <h1>New password</h1>
      <form id="form">
        <label for="password">The password you want to log in with from now on</label>
        <input id="password" type="password" autocomplete="new-password" required autofocus />
        <button>Set password</button>
      </form>
      <p id="result" role="status"></p>
    </main>
  </body>
</html>
`;

const script = `const form = document.getElementById('form');
const result = document.getElementById('result');
const button = form.querySelector('button');

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  button.disabled = true;
  result.textContent = '';
  try {
    const response = await fetch('/api/v1/auth/password-reset', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: location.hash.slice(1), password: document.getElementById('password').value }),
    });
    if (response.ok) {
      form.hidden = true;
      result.textContent = 'The password is set. All devices are logged out; log in with the new one.';
      history.replaceState(null, '', location.pathname);
    } else {
      const { detail } = await response.json();
      result.textContent = Array.isArray(detail) ? detail.map(({ msg }) => msg).join(' ') : detail;
    }
  } catch {
    result.textContent = 'The server cannot be reached; try again in a moment.';
  }
  button.disabled = false;
});
`;

const style = `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 24rem; margin: 15vh auto; padding: 0 1rem; }
form { display: grid; gap: 0.75rem; }
form[hidden] { display: none; }
input, button { font: inherit; padding: 0.5rem; }
`;

/** Puts the page on the router; it works for whoever has a link and does nothing for others. */
export function mountResetPage(router: Router): void {
  const files = [
    ['/reset', 'html', html],
    ['/reset/page.js', 'js', script],
    ['/reset/page.css', 'css', style],
  ] as const;
  for (const [path, type, content] of files) {
    router.get(path, (_request, response) => {
      response.set({ 'referrer-policy': 'no-referrer' }).type(type).send(content);
    });
  }
}
