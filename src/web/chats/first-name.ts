/** The word by which a line calls somebody. */
export const toFirstName = (name: string): string => name.trim().split(/\s+/)[0] ?? name;
