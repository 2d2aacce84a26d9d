import { toast } from '../../ui/toast.tsx';
import { texts } from './texts.ts';

const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;

/** The browser would leave the page for a file that is dropped on it. The returned function ends it. */
export function refuseDroppedFiles(): () => void {
  const onOver = (event: DragEvent): void => {
    if (hasFiles(event)) event.preventDefault();
  };
  const onDrop = (event: DragEvent): void => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    toast(texts().files);
  };
  addEventListener('dragover', onOver);
  addEventListener('drop', onDrop);
  return () => {
    removeEventListener('dragover', onOver);
    removeEventListener('drop', onDrop);
  };
}

/** Text is pasted as ever, also where the clipboard holds a picture of it. */
export function onPaste(event: ClipboardEvent): void {
  const data = event.clipboardData;
  if (!data || data.files.length === 0 || data.types.includes('text/plain')) return;
  event.preventDefault();
  toast(texts().files);
}
