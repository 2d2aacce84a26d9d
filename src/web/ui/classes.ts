/** Names of classes in one string, without those that do not hold. */
export const classes = (...names: (string | false | undefined)[]): string => names.filter(Boolean).join(' ');
