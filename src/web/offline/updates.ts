/** Installs the service worker and looks after new versions of the client. */
import { signal } from '@preact/signals';
import { takeOver, workerUrl } from './names.ts';

const everyMs = 3_600_000;

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

/** The worker of a version that is installed and waits to be used. */
const waiting = signal<ServiceWorker>();

/** Whether there is a newer version. */
export const hasUpdate = (): boolean => waiting.value !== undefined;

/** The one address of a script that the page may name. */
function toScriptUrl(url: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (!trustedTypes) return url;
  const policy = trustedTypes.createPolicy('messenger', {
    createScriptURL(asked) {
      if (asked !== workerUrl) throw new TypeError(`The page runs no script from ${asked}.`);
      return asked;
    },
  });
  return policy.createScriptURL(url);
}

/** Installs the worker, where the browser has any, and asks now and every hour whether there is a newer one. */
export async function startUpdates(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const { serviceWorker } = navigator;
  const isFirst = serviceWorker.controller === null;
  const registration = await serviceWorker.register(toScriptUrl(workerUrl), { updateViaCache: 'none' });
  const look = (): void => {
    if (!isFirst && registration.waiting) waiting.value = registration.waiting;
  };
  look();
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', look);
  });
  // The files of the old version are gone with it: no tab may go on with them.
  if (!isFirst) serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  setInterval(() => void registration.update().catch(() => undefined), everyMs);
}

/** Uses the new version: all tabs load anew. */
export const useUpdate = (): void => waiting.value?.postMessage(takeOver);
