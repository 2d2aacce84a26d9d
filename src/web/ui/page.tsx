import type { ComponentChildren } from 'preact';
import { go } from '../app/router.ts';
import { defineTexts } from '../texts/texts.ts';
import { IconButton } from './button.tsx';
import './page.css';

const texts = defineTexts({ en: { back: 'Back' }, ru: { back: 'Назад' } });

export interface PageProps {
  title: string;
  /** Where the arrow leads; without it there is none. */
  back?: string;
  /** Buttons at the end of the head. */
  actions?: ComponentChildren;
  children: ComponentChildren;
}

/** A screen with a head and what scrolls below it. */
export const Page = ({ title, back, actions, children }: PageProps) => (
  <section class="page" aria-label={title}>
    <header class="page-head">
      {back !== undefined && <IconButton icon="back" label={texts().back} onClick={() => go(back)} />}
      <h1>{title}</h1>
      {actions}
    </header>
    <div class="page-body">
      <div class="page-content">{children}</div>
    </div>
  </section>
);
