import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Button, IconButton } from './button.tsx';
import { isTouch } from './touch.ts';
import { defineTexts } from '../texts/texts.ts';
import './dialog.css';

const texts = defineTexts({ en: { close: 'Close', cancel: 'Cancel' }, ru: { close: 'Закрыть', cancel: 'Отмена' } });

export interface DialogProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  /** What it does: buttons at its foot, after “Cancel”. Absent: it only shows something. */
  actions?: ComponentChildren;
}

/**
 * Stands over the page and keeps the focus until it is closed. One way out is seen: “Cancel” at the foot where something
 * is done, ✕ in the head where something is only shown. Escape and a click beside it close both.
 * Under a finger its title has the focus first, not a field.
 */
export function Dialog({ title, onClose, children, actions }: DialogProps) {
  const id = useId();
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    ref.current?.showModal();
    return () => before?.focus();
  }, []);
  return (
    <dialog
      ref={ref}
      class="dialog"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      // A second Escape in a row closes it whatever is said about the first.
      onClose={onClose}
      onClick={(event) => {
        if (event.target === ref.current) onClose();
      }}
    >
      <div class="dialog-box">
        <header class="dialog-head">
          <h2 id={id} {...(isTouch() && { tabIndex: -1, autofocus: true })}>
            {title}
          </h2>
          {!actions && <IconButton icon="close" label={texts().close} onClick={onClose} />}
        </header>
        <div class="dialog-body">{children}</div>
        {actions && (
          <footer class="dialog-actions">
            <Button onClick={onClose}>{texts().cancel}</Button>
            {actions}
          </footer>
        )}
      </div>
    </dialog>
  );
}

export interface ConfirmProps {
  title: string;
  text: string;
  /** What it is about, before the text. */
  children?: ComponentChildren;
  /** What the button that does it says. */
  action: string;
  danger?: boolean;
  busy?: boolean;
  /** Why it did not work. */
  error?: string | undefined;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before what cannot be taken back. */
export const Confirm = ({
  title,
  text,
  children,
  action,
  danger = false,
  busy = false,
  error,
  onConfirm,
  onClose,
}: ConfirmProps) => (
  <Dialog
    title={title}
    onClose={onClose}
    actions={
      <Button kind={danger ? 'danger' : 'primary'} busy={busy} onClick={onConfirm}>
        {action}
      </Button>
    }
  >
    {children}
    <p>{text}</p>
    {error && (
      <p class="field-error" role="alert">
        {error}
      </p>
    )}
  </Dialog>
);
