import { signal } from '@preact/signals';

const minuteMs = 60_000;

const now = (): number => Math.floor(Date.now() / minuteMs);

/** Grows every minute: who reads it while rendering is rendered anew as time goes by. */
export const minute = signal(now());

setInterval(() => (minute.value = now()), minuteMs / 4);
