/** Which square of a picture is taken. */

/** The middle of the square in pixels of the picture; at `zoom` 1 the square is as large as fits. */
export interface Crop {
  readonly width: number;
  readonly height: number;
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

export const maxZoom = 4;

/** The largest square in the middle. */
export const startCrop = (width: number, height: number): Crop => ({
  width,
  height,
  x: width / 2,
  y: height / 2,
  zoom: 1,
});

/** The side of the square in pixels of the picture. */
export const sideOf = ({ width, height, zoom }: Crop): number => Math.min(width, height) / zoom;

const between = (low: number, value: number, high: number): number => Math.min(Math.max(low, value), high);

/** Keeps the square within the picture. */
function settle(crop: Crop): Crop {
  const half = sideOf(crop) / 2;
  return { ...crop, x: between(half, crop.x, crop.width - half), y: between(half, crop.y, crop.height - half) };
}

/** Moves the square, by parts of its side. */
export function moveCrop(crop: Crop, right: number, down: number): Crop {
  const side = sideOf(crop);
  return settle({ ...crop, x: crop.x + right * side, y: crop.y + down * side });
}

export const zoomCrop = (crop: Crop, zoom: number): Crop => settle({ ...crop, zoom: between(1, zoom, maxZoom) });

/** The left upper corner of the square and its side, in pixels of the picture. */
export function toSquare(crop: Crop): { left: number; top: number; side: number } {
  const side = sideOf(crop);
  return { left: crop.x - side / 2, top: crop.y - side / 2, side };
}
