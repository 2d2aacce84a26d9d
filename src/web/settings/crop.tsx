/** Makes a square of a picture. */
import { useEffect } from 'preact/hooks';

const side = 512;

export interface CropDialogProps {
  file: File;
  onDone: (picture: Blob) => void;
  onClose: () => void;
}

/** The middle of a picture as a square. */
async function toSquare(file: File): Promise<Blob | null> {
  const bitmap = await createImageBitmap(file);
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = side;
  const shorter = Math.min(bitmap.width, bitmap.height);
  const left = (bitmap.width - shorter) / 2;
  const top = (bitmap.height - shorter) / 2;
  canvas.getContext('2d')!.drawImage(bitmap, left, top, shorter, shorter, 0, 0, side, side);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/webp', 0.9));
}

/** Crops a chosen picture and hands it back. */
export function CropDialog({ file, onDone, onClose }: CropDialogProps) {
  useEffect(() => {
    toSquare(file).then(
      (picture) => (picture ? onDone(picture) : onClose()),
      () => onClose(),
    );
  }, [file]);
  return null;
}
