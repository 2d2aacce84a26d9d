/** The components of the design system, each on a page of its own, light and dark side by side. Only in development. */
import { signal } from '@preact/signals';
import { render } from 'preact';
import '../ui/base.css';
import { shows, type ShowName } from './shows.tsx';
import './showcase.css';

const names = Object.keys(shows) as ShowName[];
const readName = (): ShowName => names.find((name) => `#${name}` === location.hash) ?? names[0]!;
const current = signal(readName());

addEventListener('hashchange', () => (current.value = readName()));

function Showcase() {
  const name = current.value;
  const Show = shows[name];
  return (
    <div class="showcase">
      <nav aria-label="Components">
        <ul>
          {names.map((one) => (
            <li key={one}>
              <a href={`#${one}`} aria-current={one === name ? 'page' : undefined}>
                {one}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <main>
        <h1>{name}</h1>
        {(['light', 'dark'] as const).map((theme) => (
          <div key={theme} class="showcase-pane" style={{ colorScheme: theme }} data-theme={theme}>
            <Show key={name} theme={theme} />
          </div>
        ))}
      </main>
    </div>
  );
}

render(<Showcase />, document.getElementById('root')!);
