/** Starts the web client. */
import { render } from 'preact';
import './ui/base.css';
import { App } from './app/app.tsx';
import { resumeSession } from './app/session.ts';
import { applyTheme } from './app/theme.ts';
import { startUpdates } from './offline/updates.ts';

applyTheme();
resumeSession();
render(<App />, document.getElementById('root')!);
// The files of `npm run dev:web` change all the time; and nothing that is fetched for later delays what is seen now.
if (import.meta.env.PROD) addEventListener('load', () => void startUpdates().catch(() => undefined));
