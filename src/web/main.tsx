/** Starts the web client. */
import { render } from 'preact';
import './ui/base.css';
import { App } from './app/app.tsx';
import { resumeSession } from './app/session.ts';
import { applyTheme } from './app/theme.ts';

applyTheme();
resumeSession();
render(<App />, document.getElementById('root')!);
