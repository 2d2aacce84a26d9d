/** Small choices of a person on this device. A browser that keeps nothing costs them no more than choosing again. */
type Setting = 'language' | 'theme' | 'user' | 'notify' | 'notifyText' | 'emoji';

const toKey = (name: Setting): string => `messenger:${name}`;

export function readSetting(name: Setting): string | undefined {
  try {
    return localStorage.getItem(toKey(name)) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Undefined forgets it. */
export function writeSetting(name: Setting, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(toKey(name));
    else localStorage.setItem(toKey(name), value);
  } catch {
    // Storage is full or forbidden: the choice lasts as long as the page.
  }
}

/** Calls when another tab has changed a setting. */
export const onSetting = (listener: (name: string) => void): void =>
  addEventListener('storage', ({ key }) => {
    if (key?.startsWith('messenger:')) listener(key.slice('messenger:'.length));
  });
