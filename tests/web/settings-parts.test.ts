import { expect, test } from 'vitest';
import { maxZoom, moveCrop, startCrop, toSquare, zoomCrop } from '../../src/web/settings/crop.ts';
import { toDeviceName } from '../../src/web/settings/user-agent.ts';

test('a picture begins with the largest square in its middle', () => {
  expect(toSquare(startCrop(400, 200))).toEqual({ left: 100, top: 0, side: 200 });
  expect(toSquare(startCrop(200, 400))).toEqual({ left: 0, top: 100, side: 200 });
});

test('the square never leaves the picture', () => {
  const start = startCrop(400, 200);
  expect(toSquare(moveCrop(start, 9, 9))).toEqual({ left: 200, top: 0, side: 200 });
  expect(toSquare(moveCrop(start, -9, -9))).toEqual({ left: 0, top: 0, side: 200 });
  const near = zoomCrop(start, 99);
  expect(near.zoom).toBe(maxZoom);
  const corner = moveCrop(near, 99, 99);
  expect(toSquare(corner)).toEqual({ left: 350, top: 150, side: 50 });
  expect(toSquare(zoomCrop(corner, 1))).toEqual({ left: 200, top: 0, side: 200 });
});

test.each([
  [
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/150.0.0.0 Safari/537.36',
    'Chrome · Linux',
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36 Edg/130.0',
    'Edge · Windows',
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0 YaBrowser/24.10 Safari/537.36',
    'Yandex · Windows',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
    'Safari · iPhone',
  ],
  ['Mozilla/5.0 (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0', 'Firefox · Android'],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15',
    'Safari · macOS',
  ],
  ['curl/8.5.0', 'curl'],
  ['Mozilla/5.0', undefined],
  ['', undefined],
  [null, undefined],
])('%s is %s', (userAgent, name) => {
  expect(toDeviceName(userAgent)).toBe(name);
});
