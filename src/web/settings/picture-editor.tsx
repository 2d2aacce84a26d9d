import { useRef, useState } from 'preact/hooks';
import { toErrorText } from '../app/error-text.ts';
import { lazily } from '../app/lazy.tsx';
import { useMessenger } from '../app/slices.ts';
import { defineTexts } from '../texts/texts.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Button } from '../ui/button.tsx';
import { classes } from '../ui/classes.ts';
import { toast } from '../ui/toast.tsx';
import { uploadPicture } from './upload-picture.ts';
import './picture.css';

const texts = defineTexts({
  en: { choose: 'Choose picture', change: 'Change picture', remove: 'Remove', drop: 'Or drop a file here' },
  ru: { choose: 'Выбрать фото', change: 'Сменить фото', remove: 'Убрать', drop: 'Или перетащите файл сюда' },
});

const PictureDialog = lazily(() => import('./picture-dialog.tsx').then((module) => module.PictureDialog));

export interface PictureEditorProps {
  /** Of the person or group, with its name and present picture. */
  id: string;
  name: string;
  src: string | null;
  /** Where the server takes the picture. */
  path: string;
  /** It has another picture now, or none. */
  onChange: () => Promise<void>;
}

/** The picture of a person or group: chosen or dropped, cropped, sent, removed. */
export function PictureEditor({ id, name, src, path, onChange }: PictureEditorProps) {
  const t = texts();
  const messenger = useMessenger();
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File>();
  const [isOver, setOver] = useState(false);
  const [busy, setBusy] = useState(false);

  const save = async (picture: Blob): Promise<void> => {
    await uploadPicture(messenger, path, picture);
    await onChange();
    setFile(undefined);
  };
  const remove = async (): Promise<void> => {
    setBusy(true);
    try {
      await messenger.request({ method: 'DELETE', path });
      await onChange();
    } catch (error) {
      toast(toErrorText(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <div
      class={classes('picture-editor', isOver && 'picture-editor-over')}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        setFile(event.dataTransfer?.files[0]);
      }}
    >
      <Avatar id={id} name={name} src={src} size={6} />
      <div class="picture-editor-buttons">
        <div class="picture-editor-row">
          <Button icon="image" onClick={() => input.current?.click()}>
            {src === null ? t.choose : t.change}
          </Button>
          {src !== null && (
            <Button kind="plain" busy={busy} onClick={() => void remove()}>
              {t.remove}
            </Button>
          )}
        </div>
        <p class="picture-editor-hint">{t.drop}</p>
      </div>
      <input
        ref={input}
        type="file"
        accept="image/*"
        aria-label={src === null ? t.choose : t.change}
        hidden
        onChange={({ currentTarget }) => {
          setFile(currentTarget.files?.[0]);
          // The same file may be chosen again.
          currentTarget.value = '';
        }}
      />
      {file && <PictureDialog file={file} onSave={save} onClose={() => setFile(undefined)} />}
    </div>
  );
}
