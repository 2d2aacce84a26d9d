import { createContext, type ComponentChildren, type Ref } from 'preact';
import { useContext, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Virtualizer, type CustomItemComponentProps, type VirtualizerHandle } from 'virtua';
import './row-list.css';

/** A line of the list. */
export interface Row {
  id: string;
  /** Only said, such as a heading: the keys pass over it. */
  isPassive?: boolean;
  render: (tabIndex: 0 | -1) => ComponentChildren;
}

export interface RowListProps {
  rows: readonly Row[];
  /** The row to which Tab leads as long as no other was chosen. */
  start?: string | undefined;
  /** The row that has the focus as soon as the list is there. */
  focus?: string | undefined;
}

/** A row that comes into view can be focused only once it was measured: `untilDone`. */
const maxFrames = 30;

/** Any number of rows, of which those in view are made. One of them is reached by Tab; arrows, Home and End move from there. */
export function RowList({ rows, start, focus }: RowListProps) {
  const [current, setCurrent] = useState<string>();
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  const wanted = useRef(focus);
  const find = (id: string | undefined): number => rows.findIndex((row) => row.id === id && !row.isPassive);
  const first = rows.findIndex((row) => !row.isPassive);
  const at = [find(current), find(start), first].find((index) => index >= 0) ?? -1;
  const stop = rows[at]?.id;
  // A row that has the focus and moves in the page loses it.
  const hadFocus = useRef(false);
  hadFocus.current = toRowId(document.activeElement, scroller.current) === stop && stop !== undefined;

  useLayoutEffect(() => {
    if (hadFocus.current && document.activeElement === document.body) wanted.current = stop;
    const id = wanted.current;
    if (id === undefined) return undefined;
    // Another rendering goes on with it.
    return untilDone(
      () => hasLeft(scroller.current) || focusRow(scroller.current, id),
      () => (wanted.current = undefined),
    );
  });

  const moveTo = (index: number): void => {
    const next = rows[index];
    if (!next) return;
    wanted.current = next.id;
    setCurrent(next.id);
    // What stands above the first one is seen with it.
    list.current?.scrollToIndex(index === first ? 0 : index, { align: 'nearest' });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const index = nextOf(event.key, rows, at);
    if (index === undefined || toRowId(event.target, scroller.current) === undefined) return;
    event.preventDefault();
    if (index !== at) moveTo(index);
  };

  return (
    <div
      ref={scroller}
      class="row-list"
      onKeyDown={onKeyDown}
      onFocusCapture={(event) => setCurrent(toRowId(event.target, scroller.current))}
    >
      <Count.Provider value={rows.length}>
        <Virtualizer ref={list} as="ul" item={Item} data={rows} keepMounted={at < 0 ? [] : [at]}>
          {(row) => (
            <div key={row.id} data-row={row.id}>
              {row.render(row.id === stop ? 0 : -1)}
            </div>
          )}
        </Virtualizer>
      </Count.Provider>
    </div>
  );
}

const Count = createContext(0);

/** Says its place, as the list itself has only those rows that are in view. */
const Item = ({ ref, style, index, children }: CustomItemComponentProps) => (
  <li ref={ref as Ref<HTMLLIElement>} style={style} aria-posinset={index + 1} aria-setsize={useContext(Count)}>
    {children}
  </li>
);

const toRowId = (target: EventTarget | null, within: HTMLElement | null): string | undefined =>
  target instanceof Element && within?.contains(target)
    ? target.closest<HTMLElement>('[data-row]')?.dataset['row']
    : undefined;

/** Whether something else was chosen meanwhile. */
const hasLeft = (scroller: HTMLElement | null): boolean =>
  document.activeElement !== document.body && scroller?.contains(document.activeElement) === false;

/** Whether it could. */
function focusRow(scroller: HTMLElement | null, id: string): boolean {
  const row = scroller?.querySelector(`[data-row="${CSS.escape(id)}"]`);
  const target = row?.querySelector<HTMLElement>('a, button');
  target?.focus({ preventScroll: true });
  return target !== null && target !== undefined && document.activeElement === target;
}

/** Tries at once and then at each frame, for a while, until `onEnd`; the returned function stops it before. */
export function untilDone(attempt: () => boolean, onEnd?: () => void): () => void {
  let frames = 0;
  let frame = 0;
  const step = (): void => {
    if (!attempt() && ++frames < maxFrames) frame = requestAnimationFrame(step);
    else onEnd?.();
  };
  step();
  return () => cancelAnimationFrame(frame);
}

/** Where a key leads; undefined: it is no key of the list. */
function nextOf(key: string, rows: readonly Row[], at: number): number | undefined {
  const active = rows.flatMap((row, index) => (row.isPassive ? [] : [index]));
  const place = active.indexOf(at);
  const to = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: active.length - 1 }[key];
  return to === undefined ? undefined : active[Math.min(Math.max(to, 0), active.length - 1)];
}
