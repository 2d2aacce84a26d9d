/** Short words about what has just happened; they go by themselves. */
import { signal } from '@preact/signals';
import { Button } from './button.tsx';
import './toast.css';

interface Toast {
  id: number;
  text: string;
  action?: { label: string; onSelect: () => void };
}

const shownMs = 6_000;
const maxShown = 3;
const toasts = signal<readonly Toast[]>([]);
let last = 0;

/** Says something at the foot of the page. */
export function toast(text: string, action?: Toast['action']): void {
  const id = ++last;
  toasts.value = [...toasts.value, { id, text, ...(action && { action }) }].slice(-maxShown);
  setTimeout(() => dismiss(id), shownMs);
}

const dismiss = (id: number): void => {
  toasts.value = toasts.value.filter((one) => one.id !== id);
};

/** Stands once on the page. */
export const Toasts = () => (
  <div class="toasts" role="status" aria-live="polite">
    {toasts.value.map(({ id, text, action }) => (
      <div key={id} class="toast">
        <span>{text}</span>
        {action && (
          <Button
            kind="plain"
            onClick={() => {
              dismiss(id);
              action.onSelect();
            }}
          >
            {action.label}
          </Button>
        )}
      </div>
    ))}
  </div>
);
