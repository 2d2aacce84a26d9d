import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { toErrorText } from '../app/error-text.ts';
import { defineTexts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Note } from '../ui/note.tsx';
import { maxZoom, moveCrop, startCrop, toSquare, zoomCrop, type Crop } from './crop.ts';
import { useGestures } from './use-gestures.ts';

const texts = defineTexts({
  en: {
    title: 'Crop picture',
    part: 'The picture. Arrow keys move it, plus and minus change its size.',
    hint: 'Drag to move',
    zoom: 'Zoom',
    save: 'Save',
    unreadable: "This browser can't open the file as a picture. Try a JPEG or PNG.",
  },
  ru: {
    title: 'Обрезка фото',
    part: 'Фото. Стрелки двигают его, плюс и минус меняют размер.',
    hint: 'Фото можно перетаскивать',
    zoom: 'Масштаб',
    save: 'Сохранить',
    unreadable: 'Браузер не смог открыть этот файл как картинку. Попробуйте JPEG или PNG.',
  },
});

/** The server keeps 256 pixels; twice that looks good on what may come. */
const maxSide = 512;

function draw(canvas: HTMLCanvasElement, picture: ImageBitmap, crop: Crop): void {
  const { left, top, side } = toSquare(crop);
  const context = canvas.getContext('2d')!;
  context.imageSmoothingQuality = 'high';
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, left, top, side, side, 0, 0, canvas.width, canvas.height);
}

/** The square as a file: WebP, or PNG from browsers that write no WebP. */
function toFile(picture: ImageBitmap, crop: Crop): Promise<Blob> {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = Math.max(1, Math.min(maxSide, Math.round(toSquare(crop).side)));
  draw(canvas, picture, crop);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/webp', 0.9);
  });
}

export interface PictureDialogProps {
  file: File;
  onSave: (picture: Blob) => Promise<void>;
  onClose: () => void;
}

/** Lets a person choose the square of a picture that is shown of it. */
export function PictureDialog({ file, onSave, onClose }: PictureDialogProps) {
  const t = texts();
  const [picture, setPicture] = useState<ImageBitmap>();
  const [crop, setCrop] = useState<Crop>();
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    let decoded: ImageBitmap | undefined;
    const decode = async (): Promise<void> => {
      try {
        decoded = await createImageBitmap(file);
        setPicture(decoded);
        setCrop(startCrop(decoded.width, decoded.height));
      } catch {
        setError(texts().unreadable);
      }
    };
    void decode();
    return () => decoded?.close();
  }, [file]);

  const change = (by: (crop: Crop) => Crop): void => setCrop((known) => known && by(known));
  const save = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await onSave(await toFile(picture!, crop!));
    } catch (thrown) {
      setError(toErrorText(thrown));
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={t.title}
      onClose={onClose}
      actions={
        <Button kind="primary" busy={busy} disabled={!crop} onClick={() => void save()}>
          {t.save}
        </Button>
      }
    >
      {picture && crop && (
        <>
          <Cropper picture={picture} crop={crop} onCrop={change} />
          <p class="picture-hint">{t.hint}</p>
          <label class="picture-zoom">
            <span>{t.zoom}</span>
            <input
              type="range"
              min="1"
              max={maxZoom}
              step="0.01"
              value={crop.zoom}
              onInput={({ currentTarget }) => change((known) => zoomCrop(known, Number(currentTarget.value)))}
            />
          </label>
        </>
      )}
      {error && <Note kind="danger">{error}</Note>}
    </Dialog>
  );
}

/** By how much of its side an arrow key moves the square, and by how much plus and minus change the zoom. */
const keyStep = 0.05;
const zoomStep = 0.1;

const keys: Readonly<Record<string, (crop: Crop) => Crop>> = {
  ArrowLeft: (crop) => moveCrop(crop, keyStep, 0),
  ArrowRight: (crop) => moveCrop(crop, -keyStep, 0),
  ArrowUp: (crop) => moveCrop(crop, 0, keyStep),
  ArrowDown: (crop) => moveCrop(crop, 0, -keyStep),
  '+': (crop) => zoomCrop(crop, crop.zoom + zoomStep),
  '=': (crop) => zoomCrop(crop, crop.zoom + zoomStep),
  '-': (crop) => zoomCrop(crop, crop.zoom - zoomStep),
};

interface CropperProps {
  picture: ImageBitmap;
  crop: Crop;
  onCrop: (by: (crop: Crop) => Crop) => void;
}

/** The picture moves under a round window, as under a finger. */
function Cropper({ picture, crop, onCrop }: CropperProps) {
  const t = texts();
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => draw(canvas.current!, picture, crop), [picture, crop]);
  const gestures = useGestures({
    onMove: (right, down) => onCrop((known) => moveCrop(known, -right, -down)),
    onZoom: (factor) => onCrop((known) => zoomCrop(known, known.zoom * factor)),
  });
  return (
    <div
      class="picture-cropper"
      role="application"
      tabIndex={0}
      aria-label={t.part}
      {...gestures}
      onKeyDown={(event) => {
        const by = keys[event.key];
        if (!by) return;
        event.preventDefault();
        onCrop(by);
      }}
    >
      <canvas ref={canvas} width={maxSide} height={maxSide} />
    </div>
  );
}
