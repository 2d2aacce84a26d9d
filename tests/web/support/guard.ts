import type { Page } from 'playwright-core';

/** What happened on a page that no text of a person may cause. */
export interface Guard {
  readonly alarms: readonly string[];
}

/**
 * Watches a page from its next load on: whether a payload runs, the policy is offended, a dialog opens, or anything stands in
 * the document, however shortly, that the client does not make itself.
 */
export async function guard(page: Page): Promise<Guard> {
  const alarms: string[] = [];
  const context = page.context();
  await context.exposeFunction('hit', () => void alarms.push('a payload ran'));
  await context.exposeFunction('alarm', (what: string) => void alarms.push(what));
  page.on('dialog', (dialog) => {
    alarms.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('popup', (popup) => void alarms.push(`a window: ${popup.url()}`));
  await context.addInitScript(watch);
  return { alarms };
}

function watch(): void {
  const { alarm } = globalThis as unknown as { alarm: (what: string) => void };
  const strange =
    'script, iframe, frame, object, embed, base, style, link, meta, template, math, image, video, audio, marquee, details, ' +
    'svg :not(path), form[action], [srcdoc], [srcset], [formaction], [poster], [background], [contenteditable]';
  const isOwnAddress = (href: string): boolean => /^(?:\/(?!\/)|https?:\/\/|mailto:|#)/i.test(href);

  const look = (element: Element): void => {
    const tell = (why: string): void => alarm(`${why}: ${element.outerHTML.slice(0, 200)}`);
    if (element.matches(strange)) tell('a strange element');
    for (const { name, value } of element.attributes) {
      if (name.startsWith('on')) tell('a handler');
      if (name === 'href' || name === 'xlink:href') {
        const isForeign = !value.startsWith('/');
        if (!isOwnAddress(value)) tell('a strange address');
        if (isForeign && /^http/i.test(value) && element.getAttribute('rel') !== 'noopener noreferrer nofollow')
          tell('a link that tells where it is');
      }
      if (name === 'src' && !/^(?:\/media\/|\/favicon\.svg$|blob:)/.test(value)) tell('a strange picture');
      if (name === 'style' && /url|expression|@import/i.test(value)) tell('a strange style');
    }
  };
  const lookAll = (root: Element): void => {
    look(root);
    for (const element of root.querySelectorAll('*')) look(element);
  };
  new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      const isShown = document.body?.contains(target);
      if (isShown && type === 'attributes') look(target as Element);
      if (isShown) for (const node of addedNodes) if (node instanceof Element) lookAll(node);
    }
  }).observe(document, { subtree: true, childList: true, attributes: true });
  addEventListener('securitypolicyviolation', (event) =>
    alarm(`against the policy: ${event.violatedDirective} ${event.blockedURI}`),
  );
}
