/** The browser in which tests look at pages, where one is installed; it speaks to nobody by itself. */
export const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
export const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
