/** What `build/emoji-plugin.ts` makes when the client is built. */
declare module 'virtual:emoji/*' {
  /** By category; each emoji with its name and other words for it, apart by tabs. */
  export const groups: readonly (readonly string[])[];
}
