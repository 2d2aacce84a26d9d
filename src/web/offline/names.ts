/** What the page and its service worker call things. */

export const workerUrl = '/sw.js';

/** The cache of people's and groups' pictures. */
export const pictureCache = 'messenger-pictures';

/** What the page says to a new version that waits. */
export const takeOver = 'take-over';
