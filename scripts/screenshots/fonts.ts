/** The typeface of the pictures: that of a usual desk, whatever this machine's own one is. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const typeface = 'Inter';

const prefer = (family: string, ...fonts: string[]): string =>
  `<match target="pattern"><test name="family"><string>${family}</string></test>
    <edit name="family" mode="prepend" binding="strong">${fonts.map((font) => `<string>${font}</string>`).join('')}</edit></match>`;

const config = `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  ${['system-ui', 'sans-serif', 'sans'].map((family) => prefer(family, typeface, 'Noto Color Emoji')).join('\n  ')}
  ${prefer('emoji', 'Noto Color Emoji')}
</fontconfig>`;

export interface Fonts extends AsyncDisposable {
  /** For the browser's process. */
  env: Record<string, string>;
  isThere: boolean;
}

/** `system-ui` and `sans-serif` become Inter, as far as it is installed, for who is given the environment. */
export async function openFonts(): Promise<Fonts> {
  const folder = await mkdtemp(join(tmpdir(), 'messenger-fonts-'));
  const file = join(folder, 'fonts.conf');
  await writeFile(file, config);
  const found = await promisify(execFile)('fc-match', ['--format=%{family}', typeface]).catch(() => undefined);
  return {
    env: { FONTCONFIG_FILE: file },
    isThere: found?.stdout.startsWith(typeface) === true,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
