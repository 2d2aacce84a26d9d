/** The keys of the list: one moves from message to message and acts on the one that has the focus. */
import { targetOf } from '../target.ts';
import type { Message, PendingMessage } from '../../../client/index.ts';
import type { OpenMenu } from './menu-host.tsx';
import type { TimelineModel } from './model.ts';
import { isStored } from './rows.ts';

interface Keys {
  list: HTMLElement;
  model: TimelineModel;
  onMenu: (menu: OpenMenu) => void;
}

/** Puts the cursor where one writes. */
export const focusComposer = (from: Element): void =>
  from
    .closest('.chat-screen')
    ?.querySelector<HTMLElement>('form textarea, form input, form [contenteditable]')
    ?.focus();

const rowsIn = (list: HTMLElement): HTMLElement[] => [...list.querySelectorAll<HTMLElement>('.row')];

function move(list: HTMLElement, current: HTMLElement | undefined, step: 1 | -1): void {
  const rows = rowsIn(list);
  const { bottom } = list.getBoundingClientRect();
  const seen = rows.findLastIndex((row) => row.getBoundingClientRect().bottom <= bottom + 1);
  const at = current ? rows.indexOf(current) + step : seen;
  const row = rows[Math.min(Math.max(at, 0), rows.length - 1)];
  row?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: 'nearest' });
}

function messageOf(row: HTMLElement, { chat, shown }: TimelineModel): Message | PendingMessage | undefined {
  const { seq, id } = row.dataset;
  return seq === undefined
    ? chat.messages.pending.find((one) => one.client_id === id)
    : shown.find((one) => one.seq === Number(seq));
}

/** What a key does in the list. What it does not know is left to the browser. */
export function onKey(event: KeyboardEvent, { list, model, onMenu }: Keys): void {
  if (event.defaultPrevented) return;
  const target = event.target as HTMLElement;
  if (event.key === 'Escape') return focusComposer(list);
  const row = target.classList.contains('row') ? target : undefined;
  // Buttons and links within a message have keys of their own.
  if ((target !== list && !row) || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = toAction(event, row, { list, model, onMenu });
  if (!act) return;
  event.preventDefault();
  act();
}

function toAction(
  { key, code, shiftKey }: KeyboardEvent,
  row: HTMLElement | undefined,
  { list, model, onMenu }: Keys,
): (() => void) | undefined {
  if (key === 'ArrowUp') return () => move(list, row, -1);
  if (key === 'ArrowDown') return () => move(list, row, 1);
  if (key === 'Home') return () => void model.toStart();
  if (key === 'End') return () => void model.toEnd();
  const message = row && messageOf(row, model);
  if (!row || !message || (isStored(message) && message.deleted_at !== undefined)) return undefined;
  const isMenu = key === 'Enter' || key === 'ContextMenu' || (key === 'F10' && shiftKey);
  if (isMenu) return () => onMenu({ message, place: { element: row.querySelector('.bubble') ?? row } });
  if (code !== 'KeyR' || !isStored(message)) return undefined;
  return () => {
    targetOf(model.chat.id).value = { kind: 'reply', message };
    focusComposer(list);
  };
}
